"""`ops logs`: the logs of several services as one, in the order of time."""

import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import click
from click.core import ParameterSource

from ops.base import clock
from ops.base.fields import seconds
from ops.base.words import moment
from ops.commands.completion import services as services_of
from ops.commands.oncall.common import deployed, tell
from ops.commands.options import Options, shared_options
from ops.commands.terminal import tell_error
from ops.oncall.logs.event import RANKS, LogEvent
from ops.oncall.logs.lines import TextLines, as_json_line
from ops.oncall.logs.query import Query
from ops.oncall.logs.remote import Ask, Logs
from ops.oncall.logs.tail import tail

_UNITS = "s, m, h, d or w"
_WEEKS = re.compile(r"(\d{1,4})w")
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_PAUSE = 2.0  # seconds between two rounds; AWS allows some rounds a second


def _moment(_: click.Context, __: click.Parameter, text: str | None) -> datetime | None:
    """How long ago (`10m`, `1h30m`, `1w`), or a date and time, as a moment in UTC."""
    if text is None:
        return None
    in_days = _WEEKS.sub(lambda found: f"{7 * int(found[1])}d", text)
    with suppress(ValueError):
        return clock.now() - timedelta(seconds=seconds(in_days))
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            f"{text!r} is no time: give whole numbers of {_UNITS}, ten years at most, such as "
            "10m, 1h30m or 1w, or a moment such as 2026-11-23T06:00"
        ) from error
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if found < _FIRST:
        raise click.BadParameter(f"{text!r} is before {_FIRST:%Y}, where CloudWatch's time begins")
    return found


def _pattern(_: click.Context, __: click.Parameter, text: str | None) -> re.Pattern[str] | None:
    """A regular expression."""
    try:
        return None if text is None else re.compile(text)
    except re.error as error:
        raise click.BadParameter(f"{text!r} is no regular expression: {error}") from error


@click.command("logs", help="Show the logs of services as one, in the order of time.")
@click.argument("services", nargs=-1, metavar="[SERVICE]...", shell_complete=services_of)
@click.option(
    "--since",
    callback=_moment,
    default="10m",
    show_default=True,
    help=f"How long ago ({_UNITS}; such as 1h30m), or when (UTC).",
)
@click.option("--until", callback=_moment, help="The same, for the end.")
@click.option(
    "--level",
    type=click.Choice(list(RANKS), case_sensitive=False),
    help="Lines of this level and worse.",
)
@click.option("--request-id", help="Lines about one request, through all services.")
@click.option("--grep", callback=_pattern, help="Lines that match a regular expression.")
@click.option("--follow", "-f", is_flag=True, help="Go on, until Ctrl-C.")
@shared_options
def logs(
    options: Options,
    *,
    services: tuple[str, ...],
    since: datetime,
    until: datetime | None,
    follow: bool,
    **wanted: object,
) -> None:
    """Read, filter, and print each line as it comes."""
    query = Query(**wanted)  # type: ignore[arg-type]  # level, request_id and grep
    ask = _ask(since, until, query.pattern)
    found = deployed(options, services)
    reader = Logs(found.aws, found.log_groups)
    show = _printer(options, reader.services)
    if follow:
        _tell_followed(reader, found.environment, since)
        _follow(reader, ask, query, show)
    elif not _show(reader, ask, query, show) and reader.services:
        click.echo(_nothing(reader, query, since, until), err=True)
    tell([*found.problems, *reader.problems])


def _show(reader: Logs, ask: Ask, query: Query, show: Callable[[LogEvent], None]) -> int:
    """Show the lines that match as they come, and return how many."""
    count = 0
    for event in filter(query.matches, reader.read(ask)):
        show(event)
        count += 1
    return count


def _tell_followed(reader: Logs, environment: str, since: datetime) -> None:
    names = ", ".join(reader.services) or "nothing"
    click.echo(
        f"Following {names} in {environment} from {moment(since)} on, until Ctrl-C.", err=True
    )


def _nothing(reader: Logs, query: Query, since: datetime, until: datetime | None) -> str:
    """What was looked for in vain, and how to look further."""
    matching = " that match" if query != Query() else ""
    when = f"from {moment(since)}" + (f" to {moment(until)}" if until else "")
    return (
        f"No lines{matching} in the logs of {', '.join(reader.services)} {when}. "
        "Look further back with --since, or wait for new ones with --follow."
    )


def _ask(since: datetime, until: datetime | None, pattern: str) -> Ask:
    """What to read. Raises UsageError for a time that ends before it begins."""
    if until is not None and until < since:
        raise click.UsageError(
            f"--until ({until:%Y-%m-%dT%H:%M:%SZ}) is before --since ({since:%Y-%m-%dT%H:%M:%SZ}), "
            "so no line can be between them."
        )
    return Ask(_milliseconds(since), _milliseconds(until) if until else None, pattern)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _printer(options: Options, services: tuple[str, ...]) -> Callable[[LogEvent], None]:
    """Lines for people on a terminal, JSON in a pipe, unless --output says otherwise."""
    source = click.get_current_context().get_parameter_source("output")
    chosen = source not in (ParameterSource.DEFAULT, None)
    as_json = options.is_json if chosen else not sys.stdout.isatty()
    line = as_json_line if as_json else TextLines(services).line
    return lambda event: click.echo(line(event))


def _follow(reader: Logs, ask: Ask, query: Query, show: Callable[[LogEvent], None]) -> None:
    if ask.until is not None:
        raise click.UsageError("--follow goes on, and --until ends: give one of them.")
    with suppress(KeyboardInterrupt):
        tail(
            reader,
            ask,
            lambda event: show(event) if query.matches(event) else None,
            tell_error,
            lambda: time.sleep(_PAUSE),
        )
