"""The selection of log lines, and the part of it that CloudWatch filters.

Pure.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

import re
from dataclasses import dataclass

from ops.oncall.logs.event import LEVEL_FIELDS, LEVELS, RANKS, REQUEST_FIELDS, LogEvent, spellings

_LONGEST = 1024  # characters of a filter pattern
# What stands in a log as it is: no escaping in JSON, no meaning in a pattern.
_PLAIN = re.compile(r"[A-Za-z0-9_.:-]+")


@dataclass(frozen=True)
class Query:
    """A filter for lines: at least as severe as `level`, about a request, and matching a pattern.

    A line without the field in question does not match, and neither does a plain line.
    """

    level: str | None = None
    request_id: str | None = None
    grep: re.Pattern[str] | None = None

    def matches(self, event: LogEvent) -> bool:
        """Return whether the line is selected."""
        if self.level is not None and RANKS.get(event.level or "", -1) < RANKS[self.level]:
            return False
        if self.request_id is not None and event.request_id != self.request_id:
            return False
        return self.grep is None or self.grep.search(event.message) is not None

    @property
    def pattern(self) -> str:
        """Return the filter pattern for CloudWatch; empty for all lines.

        A request is far rarer than a level, so one of the two is enough. `grep` may look for a part
        of a word, which CloudWatch's terms are not documented to find.
        """
        by_request = equal_to(REQUEST_FIELDS, [self.request_id]) if self.request_id else ""
        return by_request or self._by_level()

    def _by_level(self) -> str:
        if self.level is None:
            return ""
        names = [name for names in LEVELS[RANKS[self.level] :] for name in names]
        cases = [case for name in names for case in spellings(name)]
        return equal_to(LEVEL_FIELDS, cases)


def equal_to(fields: tuple[str, ...], values: list[str]) -> str:
    """Return the pattern for JSON lines in which one of the fields has one of the values.

    The pattern is empty if a value could be written in more than one way, or if there are too many
    values.
    """
    if not all(_PLAIN.fullmatch(value) for value in values):
        return ""
    terms = (f'($.{name} = "{value}")' for name in fields for value in values)
    return _fitting(f"{{ {' || '.join(terms)} }}")


def any_of(words: list[str]) -> str:
    """Return the pattern for lines that contain one of these words, in JSON or not."""
    if not all(_PLAIN.fullmatch(word) for word in words):
        return ""
    return _fitting(" ".join(f'?"{word}"' for word in words))


def _fitting(pattern: str) -> str:
    return pattern if len(pattern) <= _LONGEST else ""
