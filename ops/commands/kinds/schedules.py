"""`ops schedules down`, `up` and `override`: off-hours by hand."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

import click

from ops.aws.client import Aws
from ops.base.errors import OpsError
from ops.base.fields import seconds
from ops.commands.options import Options, shared_options
from ops.commands.terminal import ask, tell_warning
from ops.kinds.schedules.desired import bringing_up
from ops.kinds.schedules.muting import BY_HAND, mute_once, unknown_alarms
from ops.kinds.schedules.override.remote import Overrides
from ops.kinds.schedules.override.render import override_as_data, override_as_text
from ops.kinds.schedules.override.shift import comes_up_now, end_of_evening, moved, regular
from ops.kinds.schedules.power.remote import Power
from ops.kinds.schedules.power.render import done_as_data, done_as_text, next_as_text
from ops.kinds.schedules.power.run import Done, run
from ops.kinds.schedules.power.steps import Step, check_messages, steps_down, steps_up
from ops.kinds.schedules.scene import Scene, open_scene
from ops.kinds.schedules.settings import minutes, time_of_day
from ops.plan.model import Json
from ops.plan.output.text import as_json


def _written(read: Callable[[str], object]) -> Callable[..., object]:
    """The callback of an option that is written as in an `ops.yml`."""

    def parse(ctx: click.Context, param: click.Parameter, value: str | None) -> object:
        try:
            return None if value is None else read(value)
        except ValueError as error:
            raise click.BadParameter(str(error), ctx, param) from error

    return parse


_confirm = click.option("--confirm", metavar="ENV", help="The name of production, to touch it.")
_wait = click.option("--wait/--no-wait", default=True, help="Wait for each service.")
_timeout = click.option(
    "--timeout",
    metavar="DURATION",
    callback=_written(seconds),
    default="10m",
    show_default=True,
    help="How long to wait for one service.",
)


@click.command("down", help="Take the environment's services to no tasks now, in order.")
@click.option(
    "--even-with-messages",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Let up to N messages of a service's queue wait until it is back.",
)
@click.option("--yes", is_flag=True, envvar="OPS_YES", help="Do not ask.")
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
    """Refuse while a queue is deep or nothing would bring it up, and ask; then mute, and go."""
    scene = _scene(options, confirm)
    overrides = Overrides(scene.aws, scene.place)
    overrides.check_comes_up(bringing_up(scene.off_hours, scene.place))
    power = Power(scene.aws)
    messages = {name: power.messages(queue) for name, queue in scene.queues.items()}
    check_messages(messages, even_with_messages)
    _warn(scene)
    if not yes:
        ask(f"Take {', '.join(scene.off_hours.order)} of {scene.place.environment} to no tasks?")
    with scene.aws.writing():
        overrides.mute(_by_hand(scene))
        done = _run(options, power, steps_down(scene.services), timeout if wait else None)
    _report(options, scene, done, "up", scene.calendar.next_up(scene.place.now))


@click.command("up", help="Bring the environment's services back now, in reverse order.")
@_confirm
@_wait
@_timeout
@shared_options
def up(options: Options, *, confirm: str | None, wait: bool, timeout: int) -> None:
    """To the numbers of tasks that the manifests give, until the next evening."""
    scene = _scene(options, confirm)
    done = _bring_up(options, scene, timeout if wait else None)
    evening = scene.calendar.next_daily(scene.place.now, minutes(scene.off_hours.down))
    _report(options, scene, done, "down", evening)


@click.command("override", help="Move the end of one day: stay up until another time, once.")
@click.option(
    "--up-until", callback=_written(time_of_day), metavar="HH:MM", help="Down at that time."
)
@click.option("--clear", is_flag=True, help="Take an override back.")
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
    """Times are in the time zone of the off-hours."""
    if (up_until is None) is not clear:
        raise OpsError("An override needs a time, or goes", "Give --up-until 22:00 or --clear.")
    scene = _scene(options, confirm)
    if up_until is None:
        _clear(options, scene)
    else:
        _move(options, scene, up_until, timeout if wait else None)


def _move(options: Options, scene: Scene, wanted: time, patience: int | None) -> None:
    now = scene.place.now
    until = end_of_evening(scene.off_hours, wanted, now)
    shift = moved(scene.off_hours, scene.place, until)
    _warn(scene)
    with scene.aws.writing():
        Overrides(scene.aws, scene.place).put(shift)
    if comes_up_now(scene.off_hours, until, now):
        _bring_up(options, scene, patience)
    _tell(options, override_as_text(scene, shift, cleared=False))
    if options.is_json:
        click.echo(as_json(override_as_data(scene, shift, cleared=False)))


def _clear(options: Options, scene: Scene) -> None:
    shift = regular(scene.off_hours, scene.place)
    with scene.aws.writing():
        Overrides(scene.aws, scene.place).clear(shift)
    _tell(options, override_as_text(scene, shift, cleared=True))
    if options.is_json:
        click.echo(as_json(override_as_data(scene, shift, cleared=True)))


def _scene(options: Options, confirmed: str | None) -> Scene:
    aws = Aws(options.profile, options.region)
    scene = open_scene(aws, options.workspace, options.application, options.environment)
    scene.check_confirmed(confirmed)
    return scene


def _bring_up(options: Options, scene: Scene, patience: int | None) -> list[Done]:
    with scene.aws.writing():
        done = _run(options, Power(scene.aws), steps_up(scene.services), patience)
        Overrides(scene.aws, scene.place).unmute(_by_hand(scene))
    return done


def _by_hand(scene: Scene) -> dict[str, dict[str, Json]]:
    # The next minute but one: a moment that has passed mutes nothing.
    start = scene.place.now + timedelta(minutes=2)
    return mute_once(scene.off_hours, scene.services, scene.place, BY_HAND, start)


def _warn(scene: Scene) -> None:
    """Of services whose alarms go on as if it had not been said that these are muted."""
    for service, error in unknown_alarms(scene.off_hours, scene.services).items():
        tell_warning(f"the alarms of `{service}` are not muted by this. {error}")


def _run(options: Options, power: Power, steps: Sequence[Step], patience: int | None) -> list[Done]:
    return run(power, steps, patience, lambda done: _tell(options, done_as_text(done)))


def _tell(options: Options, line: str) -> None:
    if not options.is_json:
        click.echo(line)


def _report(
    options: Options, scene: Scene, done: Sequence[Done], what: str, moment: datetime
) -> None:
    place = (scene.place.application, scene.place.environment)
    if options.is_json:
        click.echo(as_json(done_as_data(place, done, what, moment)))
    else:
        click.echo(next_as_text(scene.calendar, what, moment))
