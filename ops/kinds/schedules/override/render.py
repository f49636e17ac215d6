"""An override as text and as data."""

from ops.base.words import timestamp
from ops.kinds.schedules.environment_state import EnvironmentState
from ops.kinds.schedules.override.shift import Shift
from ops.plan.model import Json


def override_as_text(state: EnvironmentState, shift: Shift, *, cleared: bool) -> str:
    """Describe when the environment goes down, on this evening and from then on."""
    calendar, off_hours = state.calendar, state.off_hours
    name = f"{state.place.application}, {state.place.environment}"
    if cleared:
        return f"{name} keeps its off-hours: down every day at {off_hours.down:%H:%M}."
    return (
        f"{name} is up until {calendar.shown(shift.until)}, "
        f"{', '.join(off_hours.order)} going down in that order. "
        f"It comes up automatically at {calendar.shown(calendar.next_up(shift.until))}."
    )


def override_as_data(state: EnvironmentState, shift: Shift, *, cleared: bool) -> dict[str, Json]:
    """Return the override for `--output json`."""
    return {
        "application": state.place.application,
        "environment": state.place.environment,
        "up_until": None if cleared else timestamp(shift.until),
        "up_again": timestamp(state.calendar.next_up(shift.until)),
    }
