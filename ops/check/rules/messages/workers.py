"""What a Celery worker is told on its command line, where its broker is SQS."""

import re
from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.fixes.in_place import replacing
from ops.check.registry import rule
from ops.check.subject import Subject
from ops.check.tasks import celery_workers, on_sqs

_PREFETCH = re.compile(r"--prefetch-multiplier[= ](\d{1,9})")
_QUEUES = re.compile(r"(?:\s-Q\s*|--queues[= ])(\S+)")


@rule(
    Severity.WARNING,
    "https://docs.celeryq.dev/en/stable/userguide/optimizing.html#prefetch-limits",
)
def hoarded_messages(subject: Subject) -> Iterator[Hit]:
    """A Celery worker takes more messages from SQS than it works on.

    Why: What it holds back is hidden from idle workers, and its visibility timeout runs: a message
    that waits for long is delivered again. To a scaler the queue looks shorter than it is.

    Mend: Write `--prefetch-multiplier=1`.
    """
    for variant, runs in celery_workers(subject):
        found = _PREFETCH.search(runs)
        if found and int(found[1]) != 1 and on_sqs(subject, variant):
            said = "as many as there are" if int(found[1]) == 0 else f"{found[1]} a process"
            hit = variant.hit(("command",), f"it takes {said}")
            yield replacing(subject.root, hit, found[0], f"{found[0].rstrip('0123456789')}1")


@rule(
    Severity.WARNING,
    "https://docs.celeryq.dev/projects/kombu/en/stable/reference/kombu.transport.SQS.html",
)
def queues_in_turn(subject: Subject) -> Iterator[Hit]:
    """A Celery worker takes messages from several SQS queues.

    Why: It asks one after the other, and waits up to 10 s at each that is empty, while messages
    wait in the next.

    Mend: Make a service for each queue.
    """
    for variant, runs in celery_workers(subject):
        found = _QUEUES.search(runs)
        if found and "," in found[1] and on_sqs(subject, variant):
            yield variant.hit(("command",), f"it asks {found[1].count(',') + 1} queues in turn")
