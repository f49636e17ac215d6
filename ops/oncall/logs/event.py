"""A line of a service's log, and its fields. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

# Under which names structured logs have a line's level, its text and its request.
LEVEL_FIELDS = ("level", "levelname", "severity")
MESSAGE_FIELDS = ("message", "msg", "event")
TRACE_FIELDS = ("exception", "exc_info", "traceback", "stack", "stack_trace")
REQUEST_FIELDS = ("request_id", "requestId")

# Each level with its other names, from the least to the worst.
LEVELS = (
    ("TRACE",),
    ("DEBUG",),
    ("INFO",),
    ("WARNING", "WARN"),
    ("ERROR",),
    ("CRITICAL", "FATAL"),
)
RANKS = {name: rank for rank, names in enumerate(LEVELS) for name in names}


def spellings(level: str) -> tuple[str, ...]:
    """Return the names that loggers use for a level."""
    return level.upper(), level.lower(), level.capitalize()


@dataclass(frozen=True)
class LogEvent:
    """One event of CloudWatch Logs. `timestamp` is in milliseconds since 1970, in UTC.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilteredLogEvent.html
    """

    timestamp: int
    service: str
    stream: str
    id: str
    message: str = field(repr=False)

    @property
    def time(self) -> datetime:
        """Return the timestamp as a datetime."""
        return datetime.fromtimestamp(self.timestamp / 1000, UTC)

    @cached_property
    def fields(self) -> Mapping[str, Any] | None:
        """Return the fields of a structured line; None if the line is not a JSON object."""
        if not self.message.lstrip().startswith("{"):
            return None
        try:
            value = json.loads(self.message)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    @property
    def level(self) -> str | None:
        """Return the level in capitals, if the line has a known one."""
        level = self.first_of(LEVEL_FIELDS)
        return level.upper() if isinstance(level, str) and level in spellings(level) else None

    @property
    def request_id(self) -> str | None:
        """Return the ID of the request, if the line has one."""
        value = self.first_of(REQUEST_FIELDS)
        return None if value is None else str(value)

    def first_of(self, names: tuple[str, ...]) -> Any:  # noqa: ANN401  # whatever was logged
        """Return the first of these fields that the line has."""
        fields = self.fields or {}
        return next((fields[name] for name in names if name in fields), None)
