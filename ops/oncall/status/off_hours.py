"""The effect of off-hours on a service: whether they stop it, and when it starts again. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ops.aws.autoscaling.values import ScheduledAction
from ops.base.errors import OpsError
from ops.base.words import moment, span
from ops.control.cron import CronError
from ops.kinds.schedules.names import PREFIX
from ops.oncall.status.next_run import next_run
from ops.oncall.status.snapshot import Scaling

_BACK = timedelta(days=15)  # a break over Christmas is shorter


def is_down(scaling: Scaling) -> bool:
    """Return whether the service may have no task and has off-hours of `ops`."""
    return scaling.least == scaling.most == 0 and bool(_ours(scaling))


def off_hours(scaling: Scaling, now: datetime) -> Iterator[str]:
    """Yield a sentence about what stopped the service, and one about its next start."""
    last = max(
        ((ran, action) for action in _ours(scaling) if (ran := _last_run(action, now)) is not None),
        key=lambda pair: pair[0],
        default=None,
    )
    if last is not None and not last[1].most:
        ran, action = last
        yield f"`ops` stopped it for off-hours, by {action.name} at {moment(ran)}."
    else:
        yield "`ops schedules down` stopped it manually: no off-hours are due."
    up = [
        (when, action) for action in _ours(scaling) if action.most and (when := _next(action, now))
    ]
    if not up:
        yield "It does not start again automatically: run `ops schedules up`."
        return
    back, action = min(up, key=lambda pair: pair[0])
    yield (
        f"It starts again at {moment(back)}, in {span(back - now)}, by {action.name}; "
        "`ops schedules up` starts it now."
    )


def _ours(scaling: Scaling) -> list[ScheduledAction]:
    if isinstance(scaling.scheduled, OpsError):
        return []
    return [action for action in scaling.scheduled if action.name.startswith(PREFIX)]


def _next(action: ScheduledAction, after: datetime) -> datetime | None:
    try:
        return next_run(action, after)
    except CronError:
        return None


def _last_run(action: ScheduledAction, now: datetime) -> datetime | None:
    """Return the action's last run before now, within two weeks."""
    last, when = None, _next(action, now - _BACK)
    while when is not None and when <= now:
        last, when = when, _next(action, when)
    return last
