"""`ops schedules down`, `up` and `override`: manual control of off-hours."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

import click

from ops.aws.client import Aws
from ops.base.errors import OpsError
from ops.base.fields import seconds
from ops.commands.options import Options, shared_options, yes_option
from ops.commands.terminal import ask, tell_warning
from ops.kinds.schedules.desired import bringing_up
from ops.kinds.schedules.environment_state import EnvironmentState, read_environment_state
from ops.kinds.schedules.manual.remote import TaskCounts
from ops.kinds.schedules.manual.render import done_as_data, done_as_text, next_as_text
from ops.kinds.schedules.manual.run import Done, run
from ops.kinds.schedules.manual.steps import Step, check_messages, steps_down, steps_up
from ops.kinds.schedules.muting import BY_HAND, mute_once, unknown_alarms
from ops.kinds.schedules.override.remote import Overrides
from ops.kinds.schedules.override.render import override_as_data, override_as_text
from ops.kinds.schedules.override.shift import comes_up_now, end_of_evening, moved, regular
from ops.kinds.times import minutes, time_of_day
from ops.plan.model import Json
from ops.plan.output.text import as_json


def _written(read: Callable[[str], object]) -> Callable[..., object]:
    """Return an option callback that parses values as in an `ops.yml`."""

    def parse(ctx: click.Context, param: click.Parameter, value: str | None) -> object:
        try:
            return None if value is None else read(value)
        except ValueError as error:
            raise click.BadParameter(str(error), ctx, param) from error

    return parse


_confirm = click.option(
    "--confirm", metavar="ENV", help="The environment's name; required for production."
)
_wait = click.option("--wait/--no-wait", default=True, help="Wait for each service.")
_timeout = click.option(
    "--timeout",
    metavar="DURATION",
    callback=_written(seconds),
    default="10m",
    show_default=True,
    help="How long to wait for one service.",
)


@click.command("down", help="Scale the environment's services to zero now, in order.")
@click.option(
    "--even-with-messages",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Proceed if at most N messages are left in a service's queue.",
)
@yes_option
@_confirm
@_wait
@_timeout
@shared_options
def down(
    options: Options,
    *,
    even_with_messages: int,
    yes: bool,
    confirm: str | None,
    wait: bool,
    timeout: int,
) -> None:
    """Refuse while a queue has too many messages or nothing would start the services again. Ask,
    mute the alarms, and stop the services.
    """
    state = _read_state(options, confirm)
    overrides = Overrides(state.aws, state.place)
    overrides.check_comes_up(bringing_up(state.off_hours, state.place))
    task_counts = TaskCounts(state.aws)
    messages = {name: task_counts.messages(queue) for name, queue in state.queues.items()}
    check_messages(messages, even_with_messages)
    _warn(state)
    if not yes:
        ask(f"Take {', '.join(state.off_hours.order)} of {state.place.environment} to zero?")
    with state.aws.writing():
        overrides.mute(_by_hand(state))
        done = _run(options, task_counts, steps_down(state.services), timeout if wait else None)
    _report(options, state, done, "up", state.calendar.next_up(state.place.now))


@click.command("up", help="Start the environment's services now, in reverse order.")
@_confirm
@_wait
@_timeout
@shared_options
def up(options: Options, *, confirm: str | None, wait: bool, timeout: int) -> None:
    """Restore the task counts of the manifests, until the next evening."""
    state = _read_state(options, confirm)
    done = _bring_up(options, state, timeout if wait else None)
    evening = state.calendar.next_daily(state.place.now, minutes(state.off_hours.down))
    _report(options, state, done, "down", evening)


@click.command("override", help="Change when the environment goes down, for one day.")
@click.option(
    "--up-until",
    callback=_written(time_of_day),
    metavar="HH:MM",
    help="The time at which the services go down.",
)
@click.option("--clear", is_flag=True, help="Remove the override.")
@_confirm
@_wait
@_timeout
@shared_options
def override(
    options: Options,
    *,
    up_until: time | None,
    clear: bool,
    confirm: str | None,
    wait: bool,
    timeout: int,
) -> None:
    """Move this evening's end. Times are in the time zone of the off-hours."""
    if (up_until is None) is not clear:
        raise OpsError(
            "Neither --up-until nor --clear was given", "Pass either --up-until HH:MM or --clear."
        )
    state = _read_state(options, confirm)
    if up_until is None:
        _clear(options, state)
    else:
        _move(options, state, up_until, timeout if wait else None)


def _move(options: Options, state: EnvironmentState, end: time, patience: int | None) -> None:
    now = state.place.now
    until = end_of_evening(state.off_hours, end, now)
    shift = moved(state.off_hours, state.place, until)
    _warn(state)
    with state.aws.writing():
        Overrides(state.aws, state.place).put(shift)
    if comes_up_now(state.off_hours, until, now):
        _bring_up(options, state, patience)
    _tell(options, override_as_text(state, shift, cleared=False))
    if options.is_json:
        click.echo(as_json(override_as_data(state, shift, cleared=False)))


def _clear(options: Options, state: EnvironmentState) -> None:
    shift = regular(state.off_hours, state.place)
    with state.aws.writing():
        Overrides(state.aws, state.place).clear(shift)
    _tell(options, override_as_text(state, shift, cleared=True))
    if options.is_json:
        click.echo(as_json(override_as_data(state, shift, cleared=True)))


def _read_state(options: Options, confirmed: str | None) -> EnvironmentState:
    aws = Aws(options.profile, options.region)
    state = read_environment_state(aws, options.workspace, options.application, options.environment)
    state.check_confirmed(confirmed)
    return state


def _bring_up(options: Options, state: EnvironmentState, patience: int | None) -> list[Done]:
    with state.aws.writing():
        done = _run(options, TaskCounts(state.aws), steps_up(state.services), patience)
        Overrides(state.aws, state.place).unmute(_by_hand(state))
    return done


def _by_hand(state: EnvironmentState) -> dict[str, dict[str, Json]]:
    # The next minute but one: a moment that has passed mutes nothing.
    start = state.place.now + timedelta(minutes=2)
    return mute_once(state.off_hours, state.services, state.place, BY_HAND, start)


def _warn(state: EnvironmentState) -> None:
    """Warn about services whose alarms cannot be muted."""
    for service, error in unknown_alarms(state.off_hours, state.services).items():
        tell_warning(f"the alarms of `{service}` are not muted. {error}")


def _run(
    options: Options, task_counts: TaskCounts, steps: Sequence[Step], patience: int | None
) -> list[Done]:
    return run(task_counts, steps, patience, lambda done: _tell(options, done_as_text(done)))


def _tell(options: Options, line: str) -> None:
    if not options.is_json:
        click.echo(line)


def _report(
    options: Options, state: EnvironmentState, done: Sequence[Done], what: str, moment: datetime
) -> None:
    place = (state.place.application, state.place.environment)
    if options.is_json:
        click.echo(as_json(done_as_data(place, done, what, moment)))
    else:
        click.echo(next_as_text(state.calendar, what, moment))
