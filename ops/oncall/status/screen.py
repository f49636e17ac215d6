"""An environment on one screen, as text and as data. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import click

from ops.aws.autoscaling.values import ScalingPolicy
from ops.base.errors import OpsError
from ops.base.words import moment, number, span, tasks_between
from ops.oncall.queue.state import QueueState
from ops.oncall.status.changes import Change, changes_of
from ops.oncall.status.last_release import release_as_data, release_lines
from ops.oncall.status.off_hours import is_down, off_hours
from ops.oncall.status.policies import policy_lines
from ops.oncall.status.reasons import coming
from ops.oncall.status.snapshot import (
    Alarm,
    Counts,
    Deployment,
    Health,
    Part,
    Scaling,
    ServiceState,
    Snapshot,
)
from ops.plan.model import Json

_CHANGES = 2  # of each service
_INDENT = "  "
_OVERVIEW = (
    "This is an overview of many services: queue counts come from CloudWatch and are some minutes "
    "old, and load balancer targets are left out. `ops status SERVICE` shows one service whole."
)
_COLOURS = {"ALARM": "red", "FAILED": "red", "IN_PROGRESS": "yellow"}


def as_text(snapshot: Snapshot) -> str:
    """Format the screen: a few lines for each service."""
    title = click.style(f"{snapshot.application}, {snapshot.environment}", bold=True)
    lines = [f"{title}  {snapshot.taken:%Y-%m-%d %H:%M:%S} UTC"]
    lines += release_lines(snapshot.release, snapshot.taken)
    for service in snapshot.services:
        lines += ["", *_service(service, snapshot.taken)]
    for other in snapshot.others:
        lines += ["", f"{click.style(other.service, bold=True)}  {other.description}"]
    for name, error in snapshot.unknown.items():
        lines += ["", f"{click.style(name, bold=True)}  {_unknown(error)}"]
    if not snapshot.services and not snapshot.others and not snapshot.unknown:
        lines += ["", "No service is deployed here."]
    if snapshot.is_overview:
        lines += ["", _OVERVIEW]
    return "\n".join(lines)


def _service(state: ServiceState, now: datetime) -> Iterator[str]:
    yield f"{click.style(state.service, bold=True)}  {_counts(state.counts)}"
    rows = (
        ("deployment", _deployments(state.counts, now)),
        ("release", _release(state.counts, now)),
        ("health", _health(state)),
        ("stopped", _stopped(state, now)),
        ("queue", _queue(state)),
        ("scaling", _scaling(state, now)),
        ("changes", _changes(state.scaling, now)),
        ("schedule", _schedule(state.scaling, now)),
        ("alarms", _alarms(state, now)),
    )
    for label, lines in rows:
        for at, line in enumerate(lines):
            yield f"{_INDENT}{(label if at == 0 else ''):<11}{line}"


def _unknown(error: OpsError) -> str:
    return click.style(f"unknown, no access: {error}", fg="red")


def _unread(error: OpsError) -> str:
    return click.style(f"could not be read: {error}", fg="red")


def _coloured(text: str, state: str) -> str:
    return click.style(text, fg=_COLOURS[state]) if state in _COLOURS else text


def _counts(counts: Part[Counts]) -> str:
    if isinstance(counts, OpsError):
        return _unread(counts)
    text = f"{counts.running} running / {counts.desired} desired / {counts.pending} pending"
    return text if counts.running == counts.desired else click.style(text, fg="yellow")


def _deployments(counts: Part[Counts], now: datetime) -> list[str]:
    if isinstance(counts, OpsError):
        return []
    return [_deployment(deployment, now) for deployment in counts.deployments]


def _deployment(deployment: Deployment, now: datetime) -> str:
    since = f", {span(now - deployment.began)} ago" if deployment.began else ""
    tasks = f"{deployment.running}/{deployment.desired} tasks"
    failed = f", {deployment.failed} failed" if deployment.failed else ""
    reason = f": {deployment.reason}" if deployment.rollout == "FAILED" else ""
    text = f"{deployment.status} {deployment.revision} {deployment.rollout}"
    return _coloured(text, deployment.rollout) + f" ({tasks}{failed}{since}){reason}"


def _release(counts: Part[Counts], now: datetime) -> list[str]:
    """Describe the last deployment if it failed."""
    if isinstance(counts, OpsError) or (failure := counts.failure) is None:
        return []
    what = "failed and was rolled back" if failure.is_rolled_back else "failed"
    revision = f" of {failure.revision}" if failure.revision else ""
    ago = f", {span(now - failure.when)} ago" if failure.when else ""
    lines = [click.style(f"the last deployment{revision} {what}{ago}: {failure.reason}", fg="red")]
    return [*lines, *([f"last log line: {failure.last_line}"] if failure.last_line else [])]


def _stopped(state: ServiceState, now: datetime) -> list[str]:
    """Describe the last task that stopped unexpectedly, among those that ECS still lists."""
    if isinstance(state.stopped, OpsError):
        return [_unread(state.stopped)]
    timed = [(inner.when, inner.reason) for inner in state.stopped if inner.when]
    if not timed:
        return []
    when, reason = max(timed)
    count = f" ({number(len(state.stopped), 'task')} within the hour)"
    return [f"{span(now - when)} ago: {reason}{count if len(state.stopped) > 1 else ''}"]


def _health(state: ServiceState) -> list[str]:
    lines = [_health_of(state.health, "tasks")]
    if state.targets is not None:
        lines.append(_health_of(state.targets, "load balancer targets"))
    return lines


def _health_of(health: Part[Health | None], what: str) -> str:
    if isinstance(health, OpsError):
        return _unread(health)
    if health is None:
        return ""
    parts = (
        (health.healthy, "healthy"),
        (health.unhealthy, click.style("unhealthy", fg="red")),
        (health.unknown, "without a result"),
    )
    counted = [f"{count} {word}" for count, word in parts if count]
    return f"{what}: {', '.join(counted) or 'none'}"


def _queue(state: ServiceState) -> list[str]:
    queue = state.queue
    if queue is None:
        return []
    if isinstance(queue, OpsError):
        return [_unread(queue)]
    age = f", the oldest {span(queue.age)} old" if queue.age is not None else ""
    lines = [f"{queue.name}: {queue.visible} visible, {queue.in_flight} in flight{age}"]
    if queue.sent is not None and queue.deleted is not None:
        lines.append(f"in {queue.sent:g}, out {queue.deleted:g} messages a minute")
    if isinstance(state.counts, Counts):
        backlog = queue.backlog_per_task(state.counts.running)
        lines.append(
            "no task runs to take them" if backlog is None else f"{backlog:g} visible per task"
        )
    if queue.dead_letters and queue.dead is None:
        lines.append(f"{queue.dead_letters} cannot be read")
    if queue.dead:
        lines.append(click.style(f"{queue.dead} in {queue.dead_letters}", fg="red"))
    return lines


def _scaling(state: ServiceState, now: datetime) -> list[str]:
    scaling = state.scaling
    if scaling is None:
        return ["none"]
    if isinstance(scaling, OpsError):
        return [_unread(scaling)]
    lines = [tasks_between(scaling.least, scaling.most)]
    if is_down(scaling):
        lines += off_hours(scaling, now)
    if scaling.suspended:
        lines.append(click.style(f"suspended: {', '.join(scaling.suspended)}", fg="yellow"))
    return [*lines, *policy_lines(scaling, state.policy_alarms)]


def _changes(scaling: Part[Scaling | None], now: datetime) -> list[str]:
    if not isinstance(scaling, Scaling):
        return []
    if isinstance(scaling.activities, OpsError):
        return [_unread(scaling.activities)]
    return [
        f"{span(now - change.activity.began)} ago {_step(change)}: {change.cause}"
        for change in changes_of(scaling.activities)[:_CHANGES]
    ]


def _step(change: Change) -> str:
    if change.new is None:
        return change.activity.description.rstrip(".")
    return f"to {change.new}" if change.old is None else f"{change.old} → {change.new}"


def _schedule(scaling: Part[Scaling | None], now: datetime) -> list[str]:
    """Yield the next scheduled action, and each action with an unsupported expression."""
    if not isinstance(scaling, Scaling):
        return []
    if isinstance(scaling.scheduled, OpsError):
        return [_unread(scaling.scheduled)]
    return [
        f"{action.name}: {tasks_between(action.least, action.most)} "
        + (f"at {moment(when)}, in {span(when - now)}" if when else f"by {action.schedule}")
        for action, when in coming(scaling.scheduled, now)[:1]
    ]


def _alarms(state: ServiceState, now: datetime) -> list[str]:
    alarms = state.alarms
    if isinstance(alarms, OpsError):
        return [_unread(alarms)]
    loud = [_alarm(alarm, now) for alarm in alarms if alarm.state == "ALARM"]
    blind = sum(alarm.state == "INSUFFICIENT_DATA" for alarm in alarms)
    fine = len(alarms) - len(loud) - blind
    counts = ((fine, "OK"), (blind, "without enough data"))
    quiet = ", ".join(f"{count} {state}" for count, state in counts if count)
    return [*loud, quiet] if quiet else loud


def _alarm(alarm: Alarm, now: datetime) -> str:
    since = f" for {span(now - alarm.since)}" if alarm.since else ""
    silenced = ", silenced" if alarm.silenced else ""
    return _coloured(f"{alarm.state} {alarm.name}", alarm.state) + since + silenced


def as_data(snapshot: Snapshot) -> dict[str, Json]:
    """Return the snapshot for `--output json`; a part that could not be read is `{"error": …}`."""
    return {
        "application": snapshot.application,
        "environment": snapshot.environment,
        "taken": snapshot.taken.isoformat(timespec="seconds"),
        "services": [_service_as_data(service, snapshot.taken) for service in snapshot.services],
        "others": [
            {"service": other.service, "type": other.type, "said": other.description}
            for other in snapshot.others
        ],
        "release": release_as_data(snapshot.release),
        "unknown": {name: str(error) for name, error in snapshot.unknown.items()},
        "is_overview": snapshot.is_overview,
        "problems": [str(problem) for problem in snapshot.unread],
    }


def _service_as_data(state: ServiceState, now: datetime) -> dict[str, Json]:
    data = {name: _plain(part) for name, part in vars(state).items()}
    if isinstance(state.queue, QueueState) and isinstance(state.counts, Counts):
        data["backlog_per_task"] = state.queue.backlog_per_task(state.counts.running)
    if isinstance(state.scaling, Scaling) and not isinstance(state.scaling.scheduled, OpsError):
        data["next"] = [
            {"name": action.name, "at": when.isoformat() if when else None}
            for action, when in coming(state.scaling.scheduled, now)
        ]
    return data


# Of what belongs to a scalable target, only what `ops status` shows.
_POLICY = (
    "name",
    "type",
    "alarms",
    "out_cooldown",
    "in_cooldown",
    "scales_in",
    "scales_out",
)
_TARGET = "resource_id"


def _plain(value: object) -> Json:
    """Convert values of a snapshot to JSON."""
    match value:
        case OpsError():
            return {"error": str(value)}
        case datetime():
            return value.isoformat(timespec="seconds")
        case None | bool() | int() | float() | str():
            return value
        case tuple() | list():
            return [_plain(inner) for inner in value]
        case ScalingPolicy():
            return {name: _plain(getattr(value, name)) for name in _POLICY}
        case _:
            return {name: _plain(inner) for name, inner in vars(value).items() if name != _TARGET}


def reasons_as_text(service: str, sentences: Sequence[str]) -> str:
    """Format one sentence a line."""
    return "\n".join(
        [click.style(service, bold=True), *(f"{_INDENT}{sentence}" for sentence in sentences)]
    )
