"""The result of a manual change, and the next automatic one, as text and as data."""

from collections.abc import Sequence
from datetime import datetime

import click

from ops.base.words import timestamp
from ops.kinds.schedules.calendar import Calendar
from ops.kinds.schedules.manual.run import Done
from ops.kinds.schedules.manual.steps import tasks_as_text
from ops.plan.model import Json


def done_as_text(done: Done) -> str:
    """Format a line for a step."""
    tasks = done.step.tasks
    return click.style(
        f"  ✔ {done.step.name}: {tasks_as_text(tasks.least, tasks.most)}", fg="green"
    )


def next_as_text(calendar: Calendar, what: str, moment: datetime) -> str:
    """Describe when the change is undone automatically; `what` is `up` or `down`."""
    verb = "comes up" if what == "up" else "goes down"
    return f"It {verb} automatically at {calendar.shown(moment)}."


def done_as_data(
    place: tuple[str, str], done: Sequence[Done], what: str, moment: datetime
) -> dict[str, Json]:
    """Return the result for `--output json`."""
    application, environment = place
    return {
        "application": application,
        "environment": environment,
        "services": [
            {
                "service": step_done.step.name,
                "min": step_done.step.tasks.least,
                "max": step_done.step.tasks.most,
                "running": step_done.running,
            }
            for step_done in done
        ],
        "next": {what: timestamp(moment)},
    }
