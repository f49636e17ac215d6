"""The command of a manifest's task, the number of tasks, and their stop timeout. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import dig, mapping, number, whole, words
from ops.copilot.workload import SERVICES

_BAND = re.compile(r"(\d{1,9})-(\d{1,9})")
# `celery [options] beat`, and a worker that is also the scheduler.
_BEAT = re.compile(
    r"\bcelery(\s+-\S+(\s+[^-\s]\S*)?)*\s+beat\b|\bcelery\b.*\sworker\b.*\s(-B|--beat)\b", re.DOTALL
)
_CELERY_WORKER = re.compile(r"\bcelery\b.*\sworker\b", re.DOTALL)
_TIME_LIMIT = re.compile(r"(?<!soft)-{1,2}time-limit[= ](\d{1,9})")
_STOP = re.compile(r"ContainerDefinitions\[0\]\.StopTimeout$")

# QueueScaling in aws/copilot-cli, internal/pkg/manifest: a struct, empty if it has none of these.
_DELAY = ("acceptable_latency", "msg_processing_time", "cooldown")

FARGATE_STOP_TIMEOUT = 30  # seconds, by default


@dataclass(frozen=True)
class Band:
    """The minimum and maximum number of tasks of a service."""

    least: int
    most: int


def band(data: object) -> Band | None:
    """Return the bounds of `count.range`; None if it is absent or unreadable."""
    match dig(data, "count", "range"):
        case str(written) if match := _BAND.fullmatch(written):
            return Band(int(match[1]), int(match[2]))
        case {"min": least, "max": most} if least is not None and most is not None:
            return Band(whole(least), whole(most))
    return None


def count_fields(data: object) -> dict[str, Any]:
    """Return `count` without the fields that Copilot finds empty."""
    written = mapping(dig(data, "count"))
    return {
        name: value
        for name, value in written.items()
        if value is not None and (name != "queue_delay" or _says(value))
    }


def _says(delay: object) -> bool:
    return any(mapping(delay).get(name) is not None for name in _DELAY)


def most_tasks(data: object) -> int | None:
    """Return the maximum number of tasks of a service; None if only a deployment knows."""
    count = dig(data, "count")
    task_range = band(data)
    if task_range is not None:
        return task_range.most
    if isinstance(count, dict):
        return number(count.get("spot"))
    return 1 if count is None else number(count)


def on_demand(data: object) -> int | None:
    """Return the maximum number of tasks that are not on Spot; None if only a deployment knows."""
    count = dig(data, "count")
    if isinstance(count, dict) and "spot" in count:
        return 0
    first = number(dig(count, "range", "spot_from"))
    most, task_range = most_tasks(data), band(data)
    if first is None or most is None or task_range is None:
        return most
    return 0 if first < task_range.least else min(most, max(0, first - 1))


def command(subject: Subject, variant: Variant) -> str:
    """Return the task's command as one line; the Dockerfile's CMD if the manifest has none."""
    parts = [words(dig(variant.data, name)) for name in ("entrypoint", "command")]
    if any(parts):
        return " ".join(filter(None, parts))
    dockerfile = subject.dockerfile(variant)
    own = dockerfile.last("CMD") if dockerfile else None
    return re.sub(r'[\["\],]+', " ", own.value) if own else ""


def schedulers(subject: Subject) -> Iterator[Variant]:
    """Yield services that run Celery's scheduler without RedBeat, whose lock makes a second one
    harmless.

    The scheduler may be a sidecar, of which each task has one.
    """
    for variant in subject.variants(*SERVICES):
        if any(map(_schedules, [command(subject, variant), *_sidecar_commands(variant)])):
            yield variant


def _sidecar_commands(variant: Variant) -> Iterator[str]:
    for sidecar in mapping(dig(variant.data, "sidecars")).values():
        yield " ".join(words(dig(sidecar, name)) for name in ("entrypoint", "command"))


def schedulers_together(subject: Subject) -> Iterator[list[Variant]]:
    """Yield services that run Celery's scheduler in one environment.

    Services without tasks are left out.
    """
    environments: list[str | None] = [*subject.workspace.environments]
    if not subject.environments:  # so there may be others, which no manifest names
        environments.append(None)
    for environment in [subject.only] if subject.only else environments:
        variants = [
            manifest.variant(environment, subject.alike(manifest))
            for manifest in subject.manifests
            if manifest.type in SERVICES
        ]
        yield [
            variant
            for variant in variants
            if _schedules(command(subject, variant)) and most_tasks(variant.data) != 0
        ]


def _schedules(runs: str) -> bool:
    return _BEAT.search(runs) is not None and "redbeat" not in runs.lower()


def celery_workers(subject: Subject) -> Iterator[tuple[Variant, str]]:
    """Yield services that run a Celery worker, with their command."""
    for variant in subject.variants(*SERVICES):
        runs = command(subject, variant)
        if _CELERY_WORKER.search(runs):
            yield variant, runs


def time_limit(runs: str) -> int | None:
    """Return the hard limit of a task in seconds, from a Celery worker's command."""
    match = _TIME_LIMIT.search(runs)
    return int(match[1]) if match else None


def stop_timeout(variant: Variant) -> tuple[int, Any] | None:
    """Return the index in `taskdef_overrides` that sets the main container's StopTimeout, and its
    value.
    """
    overrides = dig(variant.data, "taskdef_overrides")
    for index, override in enumerate(overrides if isinstance(overrides, list) else ()):
        if _STOP.search(str(mapping(override).get("path"))):
            return index, mapping(override).get("value")
    return None
