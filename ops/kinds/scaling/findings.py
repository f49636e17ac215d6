"""What is doubtful about a service's scaling, although AWS would take it. Pure.

`ops plan` tells it as warnings, `ops check` before a deploy. Lags are those of
docs/decisions/0062-scaling-by-load.md.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ops.copilot.workload import Workload
from ops.kinds.scaling.settings import Settings

_MINUTE = 60
_SQS_LAG = 60  # seconds from the end of a minute to the queue's metrics
_ECS_LAG = 180  # and to the samples of AWS/ECS, at the worst
_DEFAULT_COOLDOWN = 300  # AWS's own for target tracking of ECS services


class Finding(NamedTuple):
    """A rule that the settings break: what it means, and what to do."""

    rule: str
    what: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.what}. {self.next_step}"


class _Pace(NamedTuple):
    """How fast a policy adds tasks, and how soon it could see what came of it. Seconds."""

    field: str
    cooldown: int
    lag: int
    period: int = _MINUTE


def findings(settings: Settings, workload: Workload) -> list[Finding]:
    """Everything doubtful about a service's section `scaling`."""
    return [
        *_too_fast(settings),
        *_against_each_other(settings),
        *_from_zero(settings, workload),
        *_without_backstop(settings),
    ]


def _too_fast(settings: Settings) -> Iterator[Finding]:
    for pace in _paces(settings):
        least = pace.lag + pace.period + settings.launch
        if pace.cooldown < least:
            yield Finding(
                "scale-out-cooldown",
                f"{pace.field} is {pace.cooldown} s, and a task shows in the metric only after "
                f"{least} s (lag {pace.lag}, period {pace.period}, launch {settings.launch}): "
                "the same tasks are ordered again",
                f"Make it at least {least}s.",
            )


def _paces(settings: Settings) -> Iterator[_Pace]:
    depth, backlog = settings.queue_depth, settings.backlog_per_task
    load, published = settings.load_per_task, settings.published_load
    if depth is not None:
        cooldown = _DEFAULT_COOLDOWN
        if depth.scale_out_cooldown is not None:
            cooldown = depth.scale_out_cooldown
        yield _Pace("queue_depth.scale_out_cooldown", cooldown, _SQS_LAG)
    if backlog is not None:
        cooldown = _DEFAULT_COOLDOWN
        if backlog.scale_out_cooldown is not None:
            cooldown = backlog.scale_out_cooldown
        yield _Pace("backlog_per_task.scale_out_cooldown", cooldown, _ECS_LAG)
    if load is not None:
        yield _Pace("load_per_task.scale_out_cooldown", load.scale_out_cooldown, _ECS_LAG)
    if published is not None:
        field = "published_load.scale_out_cooldown"
        yield _Pace(field, published.scale_out_cooldown, published.lag, published.period)
    for name, step in settings.step.items():
        yield _Pace(f"step.{name}.cooldown", step.cooldown, _SQS_LAG)


def _against_each_other(settings: Settings) -> Iterator[Finding]:
    """AWS holds no step policy back for another: only target tracking waits for its like."""
    stepping = ("load_per_task", "published_load")
    removing = [
        name
        for name in ("queue_depth", "backlog_per_task", *stepping)
        if (policy := getattr(settings, name)) is not None and policy.scale_in
    ]
    if len(removing) > 1 and any(name in stepping for name in removing):
        yield Finding(
            "one-scales-in",
            f"{' and '.join(removing)} all remove tasks, and none waits for the other",
            "Give all but one of them `scale_in: false`.",
        )


def _from_zero(settings: Settings, workload: Workload) -> Iterator[Finding]:
    """What is divided by the running tasks has no value while there are none."""
    divided = [name for name in ("backlog_per_task", "load_per_task") if getattr(settings, name)]
    awake = settings.queue_depth is not None or bool(settings.step)
    if workload.tasks is not None and workload.tasks.least == 0 and divided and not awake:
        yield Finding(
            "from-zero",
            f"the service may have 0 tasks, and {divided[0]} has no value then: nothing starts "
            "the first one",
            "Add `step: {first: {by: unclaimed, add: {1: 1}}}`, or have at least one task.",
        )


def _without_backstop(settings: Settings) -> Iterator[Finding]:
    others = settings.queue_depth or settings.backlog_per_task or settings.load_per_task
    if settings.published_load is not None and not others and not settings.step:
        yield Finding(
            "backstop",
            "published_load stands alone: when nothing publishes its metric, the count stays "
            "as it is, whatever waits",
            "Add one that only adds tasks, such as `queue_depth: {target: 1000, scale_in: false}`.",
        )
