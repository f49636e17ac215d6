"""The reasons for a service's task count: sentences from a snapshot. Pure.

https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from ops.aws.autoscaling.values import ScalingPolicy, ScheduledAction
from ops.base.errors import OpsError
from ops.base.words import between, moment, number, span, tasks_between
from ops.control.cron import CronError
from ops.oncall.status.changes import changes_of, reasons_of_changes
from ops.oncall.status.next_run import next_run
from ops.oncall.status.off_hours import is_down, off_hours
from ops.oncall.status.snapshot import Alarm, Counts, Failure, Part, Scaling, ServiceState

_SUSPENDED = {
    "scaling in": "no policy removes tasks",
    "scaling out": "no policy adds tasks",
    "scheduled scaling": "no scheduled action runs",
}
_COMING = 3  # scheduled actions shown
_STOPS = 3  # reasons shown for stopped tasks

Found = TypeVar("Found")


def reasons(state: ServiceState, now: datetime) -> list[str]:
    """Return one sentence for each reason, the most immediate first."""
    sentences = [*_of_counts(state, now), *_of_stopped(state, now)]
    scaling = state.scaling
    if isinstance(scaling, OpsError):
        return [*sentences, _unknown("what may scale it", scaling)]
    if scaling is None:
        return [*sentences, *_of_fixed(state)]
    return [
        *sentences,
        *_of_limits(state, scaling, now),
        *(f"{what.capitalize()} is suspended: {_SUSPENDED[what]}." for what in scaling.suspended),
        *_of_changes(state, scaling, now),
        *_of_policies(state, scaling),
        *_of_schedule(scaling, now),
    ]


def _unknown(what: str, error: OpsError) -> str:
    return f"Unknown: {what}. {error}"


def _of_counts(state: ServiceState, now: datetime) -> Iterator[str]:
    counts = state.counts
    if isinstance(counts, OpsError):
        yield _unknown("how many tasks there are", counts)
        return
    if counts.running == counts.desired and not counts.pending:
        verb = "runs" if counts.desired == 1 else "run"
        yield f"{number(counts.desired, 'task')} {verb}, which is the desired count."
    else:
        yield (
            f"{counts.running} run and {counts.pending} are starting, of "
            f"{number(counts.desired, 'desired task')}."
        )
        if counts.running < counts.desired and not counts.pending and counts.event:
            yield f"Latest ECS event: {counts.event}"
    yield from _of_deployment(counts, now)


def _of_deployment(counts: Counts, now: datetime) -> Iterator[str]:
    """Describe the deployments that change the running count.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
    """
    primary = counts.primary
    if primary is None:
        return
    if primary.rollout != "FAILED":
        yield from _of_failure(counts.failure, now)
    if primary.rollout == "FAILED":
        yield f"The last deployment, {primary.revision}, failed: {primary.reason}"
    if counts.is_deploying:
        since = f" for {span(now - primary.began)}" if primary.began else ""
        failed = f", {primary.failed} have failed" if primary.failed else ""
        yield (
            f"A deployment of {primary.revision} has been in progress{since}: {primary.running} of "
            f"its {number(primary.desired, 'task')} run{failed}. Until it completes, AWS adds "
            "tasks but removes none."
        )


def _of_failure(failure: Failure | None, now: datetime) -> Iterator[str]:
    """Describe the failed deployment, and the last log line of its last task."""
    if failure is None:
        return
    ago = f" {span(now - failure.when)} ago" if failure.when else ""
    what = f"The deployment of {failure.revision or 'an earlier revision'} failed{ago}"
    back = " ECS rolled it back." if failure.is_rolled_back else ""
    yield f"{what}: {failure.reason}.{back}"
    if failure.last_line:
        yield f"Last log line of its last task: {failure.last_line}"


def _of_stopped(state: ServiceState, now: datetime) -> Iterator[str]:
    """Describe the tasks that ECS replaces, by the reason why they stopped."""
    if isinstance(state.stopped, OpsError):
        yield _unknown("which tasks stopped", state.stopped)
        return
    for reason, count in Counter(task.reason for task in state.stopped).most_common(_STOPS):
        times = [task.when for task in state.stopped if task.reason == reason and task.when]
        last = f", the last {span(now - max(times))} ago" if times else ""
        yield f"{number(count, 'task')} stopped within the last hour{last}: {reason}."


def _of_fixed(state: ServiceState) -> Iterator[str]:
    yield "Nothing scales it: only a deployment or a user changes the count."
    manifest, counts = state.manifest, state.counts
    if manifest is None or isinstance(counts, OpsError):
        return
    written = between(manifest.least, manifest.most)
    if manifest.least != manifest.most:
        yield (
            f"The manifest says {written}, but its scaling is not deployed: run "
            f"`copilot svc deploy -n {state.service}`."
        )
    elif counts.desired == manifest.most:
        yield f"The manifest also says {written}."
    else:
        yield (
            f"The manifest says {written}, so a user or another tool set the count; the next "
            "`copilot svc deploy` that updates the service resets it."
        )


def _of_limits(state: ServiceState, scaling: Scaling, now: datetime) -> Iterator[str]:
    manifest = state.manifest
    allowed = f"It may have {tasks_between(scaling.least, scaling.most)}"
    if is_down(scaling):
        yield f"{allowed} now."
        yield from off_hours(scaling, now)
    elif manifest is None:
        yield f"{allowed}."
    elif (manifest.least, manifest.most) == (scaling.least, scaling.most):
        yield f"{allowed}, as its manifest says."
    else:
        yield (
            f"{allowed}. Its manifest says {between(manifest.least, manifest.most)}, so "
            f"{_who_set(scaling)} has changed it since, or the manifest is not deployed yet."
        )
    counts = state.counts
    if isinstance(counts, OpsError):
        return
    if not scaling.least <= counts.desired <= scaling.most:
        yield (
            f"{counts.desired} is outside these limits: a deployment or a user set it, not scaling."
        )
    elif counts.desired == scaling.most > scaling.least:
        yield f"{counts.desired} is the maximum, so a policy that asks for more has no effect."


def _who_set(scaling: Scaling) -> str:
    """Return the scheduled action that set these limits, if there is one."""
    if not isinstance(scaling.scheduled, OpsError):
        for action in scaling.scheduled:
            if (action.least, action.most) == (scaling.least, scaling.most):
                who = "`ops`, by its" if action.name.startswith("ops-") else "the"
                return f"{who} scheduled action {action.name},"
    return "a scheduled action, a user or another tool"


def _of_changes(state: ServiceState, scaling: Scaling, now: datetime) -> Iterator[str]:
    if isinstance(scaling.activities, OpsError):
        yield _unknown("what changed it last", scaling.activities)
        return
    desired = state.counts.desired if isinstance(state.counts, Counts) else None
    if is_down(scaling):
        desired = None  # already explained
    policies = _known(scaling.policies)
    alarms = _known(state.policy_alarms)
    yield from reasons_of_changes(
        changes_of(scaling.activities), scaling.activities, desired, policies, alarms, now
    )


def _known(part: Part[tuple[Found, ...]]) -> tuple[Found, ...]:
    return () if isinstance(part, OpsError) else part


def _of_policies(state: ServiceState, scaling: Scaling) -> Iterator[str]:
    policies, alarms = scaling.policies, state.policy_alarms
    if isinstance(policies, OpsError):
        yield _unknown("its scaling policies", policies)
        return
    if not policies:
        yield "It has no scaling policy, so no metric changes its count."
        return
    if isinstance(alarms, OpsError):
        yield _unknown("what its policies ask for", alarms)
        return
    by_name = {alarm.name: alarm for alarm in alarms}
    wishes = [
        _Wish(policy, [by_name[name] for name in policy.alarms if name in by_name])
        for policy in policies
    ]
    for wish in wishes:
        yield from wish.sentences(wishes, scaling, state.counts)


class _Wish:
    """The number of tasks that a policy requests, by its alarms."""

    def __init__(self, policy: ScalingPolicy, alarms: Sequence[Alarm]) -> None:
        self.policy = policy
        self.more = [alarm for alarm in alarms if alarm.state == "ALARM" and self._adds(alarm)]
        self.fewer = [alarm for alarm in alarms if alarm.state == "ALARM" and not self._adds(alarm)]
        self.blind = [alarm for alarm in alarms if alarm.state == "INSUFFICIENT_DATA"]

    def _adds(self, alarm: Alarm) -> bool:
        """Return whether an alarm adds tasks. A step policy usually has only one direction."""
        if self.policy.scales_out and self.policy.scales_in:
            return alarm.rises
        return self.policy.scales_out if not self.policy.tracks else alarm.rises

    def sentences(
        self, all_of_them: Sequence["_Wish"], scaling: Scaling, counts: Part[Counts]
    ) -> Iterator[str]:
        name = f"Policy {self.policy.name}"
        for alarm in self.more:
            yield f"{name} asks for more tasks: {_in_alarm(alarm)}"
        if self.more:
            return
        for alarm in self.fewer:
            yield f"{name} asks for fewer tasks: {_in_alarm(alarm)}"
        if self.fewer:
            yield from self._why_not_fewer(all_of_them, scaling, counts)
        elif self.blind:
            yield f"{name} asks for nothing: its alarms have too little data."
        else:
            yield f"{name} asks for nothing: none of its alarms is in ALARM."

    def _why_not_fewer(
        self, all_of_them: Sequence["_Wish"], scaling: Scaling, counts: Part[Counts]
    ) -> Iterator[str]:
        if not self.policy.scales_in:
            yield f"Policy {self.policy.name} may not remove tasks: its scale-in is disabled."
        elif isinstance(counts, Counts) and counts.desired <= scaling.least:
            yield f"It has its minimum, {scaling.least}, so none are removed."
        elif self.policy.tracks and (against := _against(self, all_of_them)):
            yield (
                f"That alone removes none: {', '.join(against)} does not agree, and tasks are "
                "removed only when all target tracking policies agree."
            )


def _against(wish: _Wish, all_of_them: Sequence[_Wish]) -> list[str]:
    return [
        other.policy.name
        for other in all_of_them
        if other is not wish and other.policy.tracks and other.policy.scales_in and not other.fewer
    ]


def _in_alarm(alarm: Alarm) -> str:
    since = f" since {moment(alarm.since)}" if alarm.since else ""
    silenced = " But its actions are disabled, so it has no effect." if alarm.silenced else ""
    reason = f": {alarm.reason.rstrip('.')}" if alarm.reason else ""
    return f"{alarm.name} is in ALARM{since}{reason}.{silenced}"


def _of_schedule(scaling: Scaling, now: datetime) -> Iterator[str]:
    if isinstance(scaling.scheduled, OpsError):
        yield _unknown("what is scheduled", scaling.scheduled)
        return
    for action, when in coming(scaling.scheduled, now)[:_COMING]:
        begin = f"At {moment(when)}, in {span(when - now)}," if when else f"By {action.schedule},"
        allowed = tasks_between(action.least, action.most)
        yield f"{begin} the scheduled action {action.name} lets it have {allowed}."


def coming(
    scheduled: Sequence[ScheduledAction], now: datetime
) -> list[tuple[ScheduledAction, datetime | None]]:
    """Return the scheduled actions, the next first; unsupported expressions last."""
    ahead: list[tuple[ScheduledAction, datetime | None]] = []
    for action in scheduled:
        try:
            when = next_run(action, now)
        except CronError:
            ahead.append((action, None))
        else:
            ahead += [(action, when)] if when else []
    return sorted(ahead, key=lambda pair: (pair[1] is None, pair[1] or now))
