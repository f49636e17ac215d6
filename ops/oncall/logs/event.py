"""A line of a service's log, and what is written in it. Pure."""

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
    """How loggers write the name of a level."""
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
        """The timestamp as a moment."""
        return datetime.fromtimestamp(self.timestamp / 1000, UTC)

    @cached_property
    def fields(self) -> Mapping[str, Any] | None:
        """What a structured line holds; None for a line that is no JSON object."""
        if not self.message.lstrip().startswith("{"):
            return None
        try:
            found = json.loads(self.message)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    @property
    def level(self) -> str | None:
        """The level in capitals, where the line has one in one of the usual spellings."""
        level = self.first_of(LEVEL_FIELDS)
        return level.upper() if isinstance(level, str) and level in spellings(level) else None

    @property
    def request_id(self) -> str | None:
        """The request that the line is about, where it says one."""
        found = self.first_of(REQUEST_FIELDS)
        return None if found is None else str(found)

    def first_of(self, names: tuple[str, ...]) -> Any:  # noqa: ANN401  # whatever was logged
        """The first of these fields that the line has."""
        fields = self.fields or {}
        return next((fields[name] for name in names if name in fields), None)
