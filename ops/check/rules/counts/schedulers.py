"""Celery's scheduler, which must run exactly once."""

import re
from collections.abc import Iterator
from dataclasses import replace

from ops.check.finding import Hit, Severity
from ops.check.manifest.tasks import command, most_tasks, schedulers, schedulers_together
from ops.check.registry import rule
from ops.check.subject.dockerfile import Build
from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import dig, mapping

_BEAT = "https://docs.celeryq.dev/en/stable/userguide/periodic-tasks.html#starting-the-scheduler"
_APP = re.compile(r"\s(?:-A\s*|--app[= ]\s*)(\S+)")
# Variables by which one image runs for several brokers, schedules or tenants.
_TELLS_APART = re.compile(r"BROKER|REDIS|AMQP|RABBIT|SQS|QUEUE_URL|SETTINGS|BEAT|SCHEDULE|TENANT")


@rule(Severity.ERROR, _BEAT)
def several_schedulers(subject: Subject) -> Iterator[Hit]:
    """A service that runs Celery's scheduler may have more than one task.

    Why: Each scheduler sends every scheduled task.

    Fix: Run `celery beat` alone with `count: 1`, or use a scheduler with a lock, such as RedBeat,
    by `-S`.
    """
    for variant in schedulers(subject):
        most = most_tasks(variant.data)
        if most is not None and most > 1:
            yield variant.hit(("count",), f"up to {most} schedulers run at the same time")


@rule(Severity.WARNING, _BEAT)
def second_scheduler(subject: Subject) -> Iterator[Hit]:
    """Two services run Celery's scheduler from one image, for one app.

    Why: All scheduled tasks run twice, unless the app has a scheduler with a lock.

    Fix: Remove `-B` from the worker, or add a scheduler with a lock to both commands: `-S
    redbeat.RedBeatScheduler`.
    """
    for variants in schedulers_together(subject):
        alone_first = sorted(variants, key=lambda one: _beside_work(command(subject, one)))
        for at, variant in enumerate(alone_first):
            same = [earlier for earlier in alone_first[:at] if _is_same(subject, earlier, variant)]
            if same:
                yield variant.hit(("command",), f"`{same[0].workload}` also runs one")


def _beside_work(runs: str) -> bool:
    return re.search(r"\sworker\b", runs) is not None


def _is_same(subject: Subject, one: Variant, other: Variant) -> bool:
    """Return whether two services run one app of one image, and no variable tells them apart."""
    image = _image(one)
    if image is None or image != _image(other) or _app(subject, one) != _app(subject, other):
        return False
    ours, theirs = (
        {**mapping(dig(variant.data, "variables")), **mapping(dig(variant.data, "secrets"))}
        for variant in (one, other)
    )
    differ = [name for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]]
    return not any(_TELLS_APART.search(name) for name in differ)


def _image(variant: Variant) -> Build | str | None:
    """Return the source of a service's image, for all of its stages; None if only a deployment
    knows.
    """
    location = dig(variant.data, "image", "location")
    if location is not None:
        # One that is all variables may be another image for each service.
        named = re.search(r"\w", re.sub(r"\$\{[^}]*\}", "", str(location)))
        return str(location) if named else None
    return None if variant.build is None else replace(variant.build, target=None)


def _app(subject: Subject, variant: Variant) -> str:
    """Return the app of a Celery command, or of the variable for it; empty for the default."""
    match = _APP.search(command(subject, variant))
    return match[1] if match else str(dig(variant.data, "variables", "CELERY_APP") or "")


@rule(Severity.WARNING, _BEAT)
def schedulers_overlap(subject: Subject) -> Iterator[Hit]:
    """During a deployment the old and the new scheduler run at the same time.

    Why: Both send every scheduled task.

    Fix: Write `deployment: {rolling: recreate}`, or use a scheduler with a lock, such as RedBeat.
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

    Why: AWS may interrupt a Spot task and have no other for hours.

    Fix: Write `count: 1`.
    """
    for variant in schedulers(subject):
        count = mapping(dig(variant.data, "count"))
        if "spot" in count or "spot_from" in mapping(count.get("range")):
            yield variant.hit(("count",), "AWS can interrupt a Spot task at any time")
