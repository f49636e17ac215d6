"""An override in plain words, and as data."""

from ops.kinds.schedules.muting import as_text
from ops.kinds.schedules.override.shift import Shift
from ops.kinds.schedules.scene import Scene
from ops.plan.model import Json


def override_as_text(scene: Scene, shift: Shift, *, cleared: bool) -> str:
    """When it goes down, once and from then on."""
    calendar, off_hours = scene.calendar, scene.off_hours
    name = f"{scene.place.application}, {scene.place.environment}"
    if cleared:
        return f"{name} keeps its off-hours: down every day at {off_hours.down:%H:%M}."
    return (
        f"{name} is up until {calendar.shown(shift.until)}, "
        f"{', '.join(off_hours.order)} going down in that order. "
        f"It comes up by itself at {calendar.shown(calendar.next_up(shift.until))}."
    )


def override_as_data(scene: Scene, shift: Shift, *, cleared: bool) -> dict[str, Json]:
    """The same for `--output json`."""
    return {
        "application": scene.place.application,
        "environment": scene.place.environment,
        "up_until": None if cleared else as_text(shift.until),
        "up_again": as_text(scene.calendar.next_up(shift.until)),
    }
