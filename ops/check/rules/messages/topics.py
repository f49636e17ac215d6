"""Published topics, and subscriptions of Worker Services."""

from collections.abc import Iterator
from typing import Any

from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import Location, dig, listed, mapping, number, seconds
from ops.copilot.workload import WORKER

_SUBSCRIBE = "https://aws.github.io/copilot-cli/docs/manifest/worker-service/#subscribe"
_ATTRIBUTES = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"

# In seconds: what SQS takes, SetQueueAttributes.
_LIMITS = {"timeout": (0, 43_200), "delay": (0, 900), "retention": (60, 1_209_600)}
_TRIES = (1, 1000)


def _queues(subject: Subject) -> Iterator[tuple[Variant, Location, dict[str, Any]]]:
    """Yield the queues of Worker Services: of the service, and of single topics."""
    for variant in subject.variants(WORKER):
        subscribe = mapping(dig(variant.data, "subscribe"))
        topics = listed(("subscribe", "topics"), subscribe.get("topics"))
        places = [(("subscribe",), subscribe), *topics]
        for at, block in places:
            queue = mapping(dig(block, "queue"))
            if queue:
                yield variant, (*at, "queue"), queue


@rule(Severity.WARNING, f"{_SUBSCRIBE}-queue")
def queue_without_topics(subject: Subject) -> Iterator[Hit]:
    """A Worker Service describes its queue but has no `topics`.

    Why: Copilot ignores the section: the queue has a visibility timeout of 30 s and no dead-letter
    queue.

    Fix: Add `topics: []` next to `queue`.
    """
    for variant in subject.variants(WORKER):
        subscribe = mapping(dig(variant.data, "subscribe"))
        if subscribe.get("topics") is None and subscribe.get("queue") not in (None, {}):
            yield variant.hit(("subscribe", "queue"), "`queue` has no effect without `topics`")


@rule(Severity.ERROR, f"{_SUBSCRIBE}-queue-fifo")
def fifo_throughput(subject: Subject) -> Iterator[Hit]:
    """The throughput settings of a FIFO queue contradict each other.

    Why: Copilot refuses the manifest: `high_throughput` sets the others; `perMessageGroupId` needs
    the scope `messageGroup`.

    Fix: Write `high_throughput: true` without the other two, or `deduplication_scope: messageGroup`
    with `throughput_limit: perMessageGroupId`.
    """
    for variant, at, queue in _queues(subject):
        fifo = mapping(queue.get("fifo"))
        scope, limit = fifo.get("deduplication_scope"), fifo.get("throughput_limit")
        if fifo.get("high_throughput") is not None and (scope or limit) is not None:
            other = "deduplication_scope" if scope is not None else "throughput_limit"
            place = (*at, "fifo", other)
            yield variant.hit(place, f"`{other}` next to `high_throughput`")
        elif limit == "perMessageGroupId" and scope == "queue":
            place = (*at, "fifo", "deduplication_scope")
            yield variant.hit(place, "the scope `queue` next to the limit `perMessageGroupId`")


@rule(Severity.ERROR, _ATTRIBUTES)
def worker_queue_limits(subject: Subject) -> Iterator[Hit]:
    """The queue of a Worker Service is outside of SQS's limits.

    Why: The deployment fails: SQS refuses the queue.

    Fix: Keep `timeout` up to 12 hours, `delay` up to 15 minutes, `retention` between a minute and
    14 days, and `tries` between 1 and 1000.
    """
    for variant, at, queue in _queues(subject):
        for name, (least, most) in _LIMITS.items():
            value = seconds(queue.get(name))
            if value is not None and not least <= value <= most:
                yield variant.hit((*at, name), f"{value:g} s is not between {least} and {most} s")
        tries = number(dig(queue, "dead_letter", "tries"))
        if tries is not None and not _TRIES[0] <= tries <= _TRIES[1]:
            yield variant.hit((*at, "dead_letter", "tries"), f"{tries} tries")
