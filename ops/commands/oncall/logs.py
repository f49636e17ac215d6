"""`ops logs`: the logs of several services, merged by time."""

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
    """Parse a duration before now (`10m`, `1h30m`, `1w`) or a date and time, in UTC."""
    if text is None:
        return None
    in_days = _WEEKS.sub(lambda match: f"{7 * int(match[1])}d", text)
    with suppress(ValueError):
        return clock.now() - timedelta(seconds=seconds(in_days))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(
            f"{text!r} is not a time: pass whole numbers of {_UNITS}, ten years at most, such as "
            "10m, 1h30m or 1w, or a moment such as 2026-11-23T06:00"
        ) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment < _FIRST:
        raise click.BadParameter(f"{text!r} is before {_FIRST:%Y}, the earliest time in CloudWatch")
    return moment


def _pattern(_: click.Context, __: click.Parameter, text: str | None) -> re.Pattern[str] | None:
    """Parse a regular expression."""
    try:
        return None if text is None else re.compile(text)
    except re.error as error:
        raise click.BadParameter(f"{text!r} is not a regular expression: {error}") from error


@click.command("logs", help="Show the logs of several services, merged by time.")
@click.argument("services", nargs=-1, metavar="[SERVICE]...", shell_complete=services_of)
@click.option(
    "--since",
    callback=_moment,
    default="10m",
    show_default=True,
    help=f"How long ago ({_UNITS}; such as 1h30m), or when (UTC).",
)
@click.option("--until", callback=_moment, help="The end of the time range, in the same form.")
@click.option(
    "--level",
    type=click.Choice(list(RANKS), case_sensitive=False),
    help="Only lines of this level or more severe.",
)
@click.option("--request-id", help="Only lines about this request, from all services.")
@click.option("--grep", callback=_pattern, help="Only lines that match this regular expression.")
@click.option("--follow", "-f", is_flag=True, help="Keep showing new lines until Ctrl-C.")
@shared_options
def logs(
    options: Options,
    *,
    services: tuple[str, ...],
    since: datetime,
    until: datetime | None,
    follow: bool,
    **filters: object,
) -> None:
    """Read, filter, and print each line as it comes."""
    query = Query(**filters)  # type: ignore[arg-type]  # level, request_id and grep
    ask = _ask(since, until, query.pattern)
    context = deployed(options, services)
    reader = Logs(context.aws, context.log_groups)
    show = _printer(options, reader.services)
    if follow:
        _tell_followed(reader, context.environment, since)
        _follow(reader, ask, query, show)
    elif not _show(reader, ask, query, show) and reader.services:
        click.echo(_nothing(reader, query, since, until), err=True)
    tell([*context.problems, *reader.problems])


def _show(reader: Logs, ask: Ask, query: Query, show: Callable[[LogEvent], None]) -> int:
    """Print the matching lines as they come, and return how many."""
    count = 0
    for event in filter(query.matches, reader.read(ask)):
        show(event)
        count += 1
    return count


def _tell_followed(reader: Logs, environment: str, since: datetime) -> None:
    names = ", ".join(reader.services) or "nothing"
    click.echo(
        f"Following {names} in {environment} since {moment(since)}. Stop with Ctrl-C.", err=True
    )


def _nothing(reader: Logs, query: Query, since: datetime, until: datetime | None) -> str:
    """Return the message for an empty result, with what to try next."""
    matching = " that match" if query != Query() else ""
    when = f"from {moment(since)}" + (f" to {moment(until)}" if until else "")
    return (
        f"No lines{matching} in the logs of {', '.join(reader.services)} {when}. "
        "Look further back with --since, or wait for new ones with --follow."
    )


def _ask(since: datetime, until: datetime | None, pattern: str) -> Ask:
    """Return the range to read. Raise UsageError for a range that ends before it begins."""
    if until is not None and until < since:
        raise click.UsageError(
            f"--until ({until:%Y-%m-%dT%H:%M:%SZ}) is before --since ({since:%Y-%m-%dT%H:%M:%SZ}), "
            "so no line can be between them."
        )
    return Ask(_milliseconds(since), _milliseconds(until) if until else None, pattern)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _printer(options: Options, services: tuple[str, ...]) -> Callable[[LogEvent], None]:
    """Return the line format: text on a terminal, JSON in a pipe, unless --output is given."""
    source = click.get_current_context().get_parameter_source("output")
    chosen = source not in (ParameterSource.DEFAULT, None)
    as_json = options.is_json if chosen else not sys.stdout.isatty()
    line = as_json_line if as_json else TextLines(services).line
    return lambda event: click.echo(line(event))


def _follow(reader: Logs, ask: Ask, query: Query, show: Callable[[LogEvent], None]) -> None:
    if ask.until is not None:
        raise click.UsageError("--follow and --until exclude each other: pass one of them.")
    with suppress(KeyboardInterrupt):
        tail(
            reader,
            ask,
            lambda event: show(event) if query.matches(event) else None,
            tell_error,
            lambda: time.sleep(_PAUSE),
        )
