"""Numbers of tasks."""

from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.manifest.tasks import band, count_fields
from ops.check.registry import rule
from ops.check.subject.model import Subject
from ops.check.subject.plain import dig, mapping, number
from ops.copilot.workload import BACKEND, SERVICES, WEB, WORKER

_COUNT = "https://aws.github.io/copilot-cli/docs/manifest/backend-service/#count"
_METRICS = ("cpu_percentage", "memory_percentage", "requests", "response_time", "queue_delay")
_OTHERS = {WORKER: ("requests", "response_time"), WEB: ("queue_delay",), BACKEND: ("queue_delay",)}


@rule(Severity.ERROR, _COUNT)
def negative_count(subject: Subject) -> Iterator[Hit]:
    """A service has a negative count.

    Why: The deployment fails: ECS refuses it.

    Fix: Write 0 or more.
    """
    for variant in subject.variants(*SERVICES):
        for at in (("count",), ("count", "spot")):
            count = number(dig(variant.data, *at))
            if count is not None and count < 0:
                yield variant.hit(at, f"the count is {count}")


@rule(Severity.ERROR, _COUNT)
def count_range(subject: Subject) -> Iterator[Hit]:
    """A range of tasks has no end, or its minimum is above its maximum.

    Why: Copilot refuses the manifest.

    Fix: Give `min` and `max`, with `min` not above `max`, and all values 0 or more.
    """
    for variant in subject.variants(*SERVICES):
        written = dig(variant.data, "count", "range")
        if written is None or "${" in str(written):
            continue
        task_range = band(variant.data)
        if task_range is None:
            message = (
                f"`{written}` is not a range" if isinstance(written, str) else "an end is missing"
            )
            yield variant.hit(("count", "range"), message, "Write `min-max`, or `min` and `max`.")
        elif task_range.least > task_range.most or task_range.least < 0:
            yield variant.hit(
                ("count", "range"),
                f"the minimum is {task_range.least}, the maximum {task_range.most}",
            )
        elif (number(dig(written, "spot_from")) or 0) < 0:
            message = f"`spot_from` is {dig(written, 'spot_from')}"
            yield variant.hit(("count", "range", "spot_from"), message)


@rule(Severity.ERROR, _COUNT)
def range_without_metric(subject: Subject) -> Iterator[Hit]:
    """A range of tasks has no metric to scale by.

    Why: Copilot refuses the manifest.

    Fix: Add `cpu_percentage` or another metric. If `ops` scales the service, an override can remove
    its policy.
    """
    for variant in subject.variants(*SERVICES):
        count = count_fields(variant.data)
        if (
            "range" in count
            and "spot" not in count
            and not any(metric in count for metric in _METRICS)
        ):
            yield variant.hit(("count", "range"), f"it has none of {', '.join(_METRICS[:4])}")


@rule(Severity.ERROR, _COUNT)
def metric_of_another_type(subject: Subject) -> Iterator[Hit]:
    """A service scales by a metric that its type does not have.

    Why: Copilot refuses the manifest: a Worker Service has no load balancer, and the others have no
    queue.

    Fix: Use `cpu_percentage`, or let `ops` scale by the queue.
    """
    for variant in subject.variants(*SERVICES):
        for name in _OTHERS.get(variant.type, ()):
            if name in count_fields(variant.data):
                message = f"a {variant.type} has no `{name}`"
                yield variant.hit(("count", name), message)


@rule(Severity.ERROR, _COUNT)
def percentage_out_of_range(subject: Subject) -> Iterator[Hit]:
    """A percentage to scale by is not between 0 and 100.

    Why: Copilot refuses the manifest.

    Fix: Write a whole number between 0 and 100.
    """
    for variant in subject.variants(*SERVICES):
        for name in ("cpu_percentage", "memory_percentage"):
            written = dig(variant.data, "count", name)
            value = number(dig(written, "value") if isinstance(written, dict) else written)
            if value is not None and not 0 <= value <= 100:
                yield variant.hit(("count", name), f"{value} is not a percentage")


@rule(Severity.ERROR, _COUNT)
def spot_beside_range(subject: Subject) -> Iterator[Hit]:
    """A count has both a fixed number of Spot tasks and a range.

    Why: Copilot refuses the manifest: `spot` is a complete count.

    Fix: Keep `spot` alone, or use `spot_from` in the range.
    """
    for variant in subject.variants(*SERVICES):
        count = count_fields(variant.data)
        others = [name for name in ("range", *_METRICS) if name in count]
        if "spot" in count and others:
            yield variant.hit(("count", "spot"), f"`spot` with `{others[0]}`")


@rule(Severity.WARNING, _COUNT)
def spot_from_below_range(subject: Subject) -> Iterator[Hit]:
    """All tasks run on Spot, although `spot_from` should keep the first ones on demand.

    Why: Below `min` Copilot sets no base of on-demand tasks.

    Fix: Raise `spot_from` to `min` or above, or write 1 for Spot alone.
    """
    for variant in subject.variants(*SERVICES):
        task_range, first = (
            band(variant.data),
            number(dig(variant.data, "count", "range", "spot_from")),
        )
        if task_range is not None and first is not None and 1 < first < task_range.least:
            message = f"the first task on Spot is number {first}, and `min` is {task_range.least}"
            yield variant.hit(("count", "range", "spot_from"), message)


@rule(Severity.WARNING, _COUNT)
def spot_from_beyond_range(subject: Subject) -> Iterator[Hit]:
    """No task runs on Spot, although `spot_from` is set.

    Why: `spot_from` is the number of the first task on Spot.

    Fix: Lower `spot_from` to `max` or below, or remove it.
    """
    for variant in subject.variants(*SERVICES):
        task_range, first = (
            band(variant.data),
            number(dig(variant.data, "count", "range", "spot_from")),
        )
        if task_range is not None and first is not None and first > task_range.most:
            message = f"the first task on Spot is number {first} of {task_range.most}"
            yield variant.hit(("count", "range", "spot_from"), message)


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html",
)
def deregistration_on_spot(subject: Subject) -> Iterator[Hit]:
    """A load balancer drains a Spot task for longer than the task lives.

    Why: Spot ends a task two minutes after its warning, and interrupts running requests.

    Fix: Lower `http.deregistration_delay` below 120s.
    """
    for variant in subject.variants(WEB):
        delay = variant.seconds_at("http", "deregistration_delay")
        count = mapping(dig(variant.data, "count"))
        on_spot = "spot" in count or "spot_from" in mapping(count.get("range"))
        if on_spot and delay is not None and delay >= 120:
            yield variant.hit(
                ("http", "deregistration_delay"), f"{delay:g} s, and Spot ends the task after 120 s"
            )
