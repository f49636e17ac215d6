"""Doubtful settings of a service's scaling that AWS would accept. Pure.

`ops plan` shows them as warnings, `ops check` before a deploy. Lags are those of
docs/decisions/0024-scaling-by-load.md.
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
    """A rule that the settings break: the effect and the next step."""

    rule: str
    what: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.what}. {self.next_step}"


class _Pace(NamedTuple):
    """The cooldowns of a policy and the delay of its metric, in seconds."""

    policy: str
    cooldown_out: int | None
    cooldown_in: int | None  # None: it never removes tasks
    lag: int
    period: int = _MINUTE


def findings(settings: Settings, workload: Workload) -> list[Finding]:
    """Return all findings about a service's section `scaling`."""
    return [
        *_too_fast(settings),
        *_removing_independently(settings),
        *_from_zero(settings, workload),
        *_last_task(settings, workload),
        *_without_backstop(settings),
    ]


def _too_fast(settings: Settings) -> Iterator[Finding]:
    for pace in _paces(settings):
        seen = pace.lag + pace.period
        started = seen + settings.launch
        if pace.cooldown_out is not None and pace.cooldown_out < started:
            field = "cooldown" if pace.policy.startswith("step.") else "scale_out_cooldown"
            yield Finding(
                "scale-out-cooldown",
                f"{pace.policy}.{field} is {pace.cooldown_out} s, and a new task shows in the "
                f"metric only after {started} s (lag {pace.lag}, period {pace.period}, launch "
                f"{settings.launch}): the same tasks are added again",
                f"Make it at least {started}s.",
            )
        if pace.cooldown_in is not None and pace.cooldown_in < seen:
            yield Finding(
                "scale-in-cooldown",
                f"{pace.policy}.scale_in_cooldown is {pace.cooldown_in} s, and a removed task "
                f"leaves the metric only after {seen} s (lag {pace.lag}, period {pace.period}): "
                "more tasks are removed for the same low load",
                f"Make it at least {seen}s.",
            )


def _paces(settings: Settings) -> Iterator[_Pace]:
    for name, tracking, lag in (
        ("queue_depth", settings.queue_depth, _SQS_LAG),
        ("backlog_per_task", settings.backlog_per_task, _ECS_LAG),
    ):
        if tracking is not None:
            out, in_ = (
                _DEFAULT_COOLDOWN if cooldown is None else cooldown
                for cooldown in (tracking.scale_out_cooldown, tracking.scale_in_cooldown)
            )
            yield _Pace(name, out, in_ if tracking.scale_in else None, lag)
    if (load := settings.load_per_task) is not None:
        in_cooldown = load.scale_in_cooldown if load.scale_in else None
        yield _Pace("load_per_task", load.scale_out_cooldown, in_cooldown, _ECS_LAG)
    if (published := settings.published_load) is not None:
        in_cooldown = published.scale_in_cooldown if published.scale_in else None
        yield _Pace(
            "published_load",
            published.scale_out_cooldown,
            in_cooldown,
            published.lag,
            published.period,
        )
    for name, step in settings.step.items():
        yield _Pace(f"step.{name}", step.cooldown, None, _SQS_LAG)


def _removing_independently(settings: Settings) -> Iterator[Finding]:
    """Yield policies that remove tasks independently: only target tracking policies must agree."""
    stepping = ("load_per_task", "published_load")
    removing = [
        name
        for name in ("queue_depth", "backlog_per_task", *stepping)
        if (policy := getattr(settings, name)) is not None and policy.scale_in
    ]
    if len(removing) > 1 and any(name in stepping for name in removing):
        yield Finding(
            "one-scales-in",
            f"{' and '.join(removing)} all remove tasks, independently of each other",
            "Give all but one of them `scale_in: false`.",
        )


def _from_zero(settings: Settings, workload: Workload) -> Iterator[Finding]:
    """Yield policies without a value at zero tasks, because they divide by the running tasks."""
    divided = [name for name in ("backlog_per_task", "load_per_task") if getattr(settings, name)]
    awake = settings.queue_depth is not None or bool(settings.step)
    if workload.tasks is not None and workload.tasks.least == 0 and divided and not awake:
        yield Finding(
            "from-zero",
            f"the service may have 0 tasks, and {divided[0]} has no value then: nothing starts "
            "the first task",
            "Add `step: {first: {by: unclaimed, add: {1: 1}}}`, or keep at least one task.",
        )


def _last_task(settings: Settings, workload: Workload) -> Iterator[Finding]:
    """Yield a policy that removes the last task: minus some percent of one task is minus one.

    https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
    """
    load = settings.published_load
    may_be_none = workload.tasks is not None and workload.tasks.least == 0
    if load is not None and load.scale_in and may_be_none and not load.metric_with_one_task_fewer:
        yield Finding(
            "last-task",
            "the service may have 0 tasks, and published_load removes the last one as soon as "
            f"{load.metric} is below {load.scale_in_below:g}",
            "Publish `metric_with_one_task_fewer` too, above `scale_in_below` while one task "
            "runs, or keep at least one task.",
        )


def _without_backstop(settings: Settings) -> Iterator[Finding]:
    others = settings.queue_depth or settings.backlog_per_task or settings.load_per_task
    if settings.published_load is not None and not others and not settings.step:
        yield Finding(
            "backstop",
            "published_load is the only policy: if nothing publishes its metric, the count stays "
            "as it is, however many messages wait",
            "Add one that only adds tasks, such as `queue_depth: {target: 1000, scale_in: false}`.",
        )
