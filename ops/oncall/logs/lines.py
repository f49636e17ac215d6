"""Log events as lines: text for a terminal, JSON for programs. Pure."""

import json

import click

from ops.oncall.logs.event import LEVEL_FIELDS, MESSAGE_FIELDS, TRACE_FIELDS, LogEvent

_COLOURS = {
    "WARNING": "yellow",
    "WARN": "yellow",
    "ERROR": "red",
    "CRITICAL": "red",
    "FATAL": "red",
}
_SERVICES = ("cyan", "green", "magenta", "blue", "bright_cyan", "bright_green", "bright_magenta")
_TIMES = ("timestamp", "time", "ts", "@timestamp")  # the event has its own
# Which numbers of a line are metrics: for CloudWatch to read.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
_METRICS = "_aws"

# A log may hold what others sent: none of it may move the cursor or name the window.
_CONTROLS = {
    code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code not in (9, 10)
}


class TextLines:
    """Lines for people: time, service, level, text, then the other fields."""

    def __init__(self, services: tuple[str, ...]) -> None:
        self._width = max(map(len, services), default=0)
        self._colours = {
            service: _SERVICES[at % len(_SERVICES)] for at, service in enumerate(services)
        }

    def line(self, event: LogEvent) -> str:
        """Format one event; a traceback follows below its line."""
        name = click.style(event.service.ljust(self._width), fg=self._colours.get(event.service))
        head = f"{event.time:%Y-%m-%d %H:%M:%S}.{event.timestamp % 1000:03d} {name}"
        if event.fields is None:
            return f"{head} {_safe(event.message.rstrip())}"
        level = _safe(event.level or "")
        shown = f"{level:<7}"
        if level in _COLOURS:
            shown = click.style(shown, fg=_COLOURS[level], bold=True)
        parts = [f"{head} {shown}", _value(event.first_of(MESSAGE_FIELDS) or "")]
        rest = {k: v for k, v in event.fields.items() if k not in _known(event)}
        traces = [_value(rest.pop(name)) for name in TRACE_FIELDS if name in rest]
        if rest:
            fields = " ".join(f"{_safe(key)}={_value(value)}" for key, value in rest.items())
            parts.append(click.style(fields, dim=True))
        return "\n    ".join([" ".join(parts), *traces])


def _known(event: LogEvent) -> set[str]:
    """Return the fields that the line already shows, or that do not help a reader."""
    fields = event.fields or {}
    level = next((name for name in LEVEL_FIELDS if name in fields), "")
    text = next((name for name in MESSAGE_FIELDS if name in fields), "")
    return {level, text, _METRICS, *_TIMES}


def _value(value: object) -> str:
    return _safe(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _safe(text: str) -> str:
    """Remove control characters, and indent what follows a line break so that it cannot look like
    another line.
    """
    printable = text.encode(errors="replace").decode().translate(_CONTROLS)
    return printable.replace("\n", "\n    ")


def as_json_line(event: LogEvent) -> str:
    """Return one event as one line of JSON; `log` is an object for a structured line, else text."""
    line = json.dumps(
        {
            "time": event.time.isoformat(timespec="milliseconds"),
            "service": event.service,
            "stream": event.stream,
            "log": event.message if event.fields is None else event.fields,
        },
        ensure_ascii=False,
    )
    return line.encode(errors="backslashreplace").decode()  # half a pair cannot be written
