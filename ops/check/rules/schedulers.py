"""Celery's scheduler, of which there must be one."""

from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.plain import dig, mapping
from ops.check.registry import rule
from ops.check.subject import Subject
from ops.check.tasks import most_tasks, schedulers

_BEAT = "https://docs.celeryq.dev/en/stable/userguide/periodic-tasks.html#starting-the-scheduler"


@rule(Severity.ERROR, _BEAT)
def several_schedulers(subject: Subject) -> Iterator[Hit]:
    """A service that runs Celery's scheduler may have more than one task.

    Why: Each scheduler sends every scheduled task, so all of them run twice. Copilot takes any
    count.

    Mend: Write `count: 1` for a service that runs `celery beat` and nothing else, or use a
    scheduler with a lock, such as RedBeat, by `-S`.
    """
    for variant in schedulers(subject):
        most = most_tasks(variant.data)
        if most is not None and most > 1:
            yield variant.hit(("count",), f"up to {most} schedulers run at once")


@rule(Severity.WARNING, _BEAT)
def schedulers_overlap(subject: Subject) -> Iterator[Hit]:
    """A deploy runs the old and the new scheduler side by side.

    Why: A rolling deploy starts the new task before it stops the old one, and meanwhile both send
    every scheduled task.

    Mend: Write `deployment: {rolling: recreate}`, or use a scheduler with a lock, such as RedBeat.
    """
    for variant in schedulers(subject):
        rolling = dig(variant.data, "deployment", "rolling")
        if str(rolling).lower() != "recreate" and most_tasks(variant.data) != 0:
            yield variant.hit(("deployment", "rolling"), f"rolling is `{rolling or 'default'}`")


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html",
)
def scheduler_on_spot(subject: Subject) -> Iterator[Hit]:
    """The scheduler runs on Spot.

    Why: AWS takes a Spot task away on two minutes' notice and may have no other for hours; nothing
    is scheduled meanwhile.

    Mend: Write `count: 1`.
    """
    for variant in schedulers(subject):
        count = mapping(dig(variant.data, "count"))
        if "spot" in count or "spot_from" in mapping(count.get("range")):
            yield variant.hit(("count",), "a task on Spot goes when AWS wants it back")
