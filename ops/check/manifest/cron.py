"""Schedules of jobs: cron as Copilot reads it, and as EventBridge does. Pure.

github.com/robfig/cron v3, parser.go, getRange; EventBridge:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import re

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_RATE = re.compile(r"rate\((\d{1,9}) +(minute|hour|day)(s?)\)", re.ASCII)
_CRON = re.compile(r"cron\((.*)\)")

_Limits = tuple[str, int, int, list[str]]

# The fields of each: name, least, most, names of values.
_COPILOT: tuple[_Limits, ...] = (
    ("minute", 0, 59, []),
    ("hour", 0, 23, []),
    ("day of the month", 1, 31, []),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 6, _DAYS),
)
_AWS: tuple[_Limits, ...] = (
    *_COPILOT[:4],
    ("day of the week", 1, 7, _DAYS),
    ("year", 1970, 2199, []),
)
# What EventBridge takes in days besides values: the last day, a weekday near, the nth of a month.
_ODD_DAY = re.compile(r"L(-\d{1,2})?|LW|L|(\d{1,2})W", re.ASCII | re.IGNORECASE)
_ODD_WEEKDAY = re.compile(r"L|([1-7]|[A-Z]{3})(L|#[1-5])", re.ASCII | re.IGNORECASE)


def copilot_problem(fields: list[str]) -> str:
    """Return what is wrong with five cron fields in a manifest, or an empty text."""
    if len(fields) != len(_COPILOT):
        return f"{len(fields)} fields; a cron expression has {len(_COPILOT)}"
    if not set("*?") & set(fields[2]) and not set("*?") & set(fields[4]):
        return "both a day of the month and a day of the week"
    return _first_problem(fields, _COPILOT)


def aws_problem(schedule: str) -> str:
    """Return the mistake in `rate(…)` or `cron(…)`, or an empty text."""
    if rate := _RATE.fullmatch(schedule):
        count, unit, plural = int(rate[1]), rate[2], rate[3]
        is_wrong = count == 0 or (count == 1) == bool(plural)
        return f"`{count} {unit}{plural}` is not a rate" if is_wrong else ""
    cron = _CRON.fullmatch(schedule)
    if cron is None:
        return f"`{schedule}` is neither `rate(5 minutes)` nor `cron(…)`"
    fields = cron[1].split()
    if len(fields) != len(_AWS):
        return f"{len(fields)} fields; `cron(…)` has {len(_AWS)}, the last one the year"
    if [fields[2], fields[4]].count("?") != 1:
        return "exactly one of the two days must be `?`"
    if _ODD_DAY.fullmatch(fields[2]):
        fields[2] = "*"
    if _ODD_WEEKDAY.fullmatch(fields[4]):
        fields[4] = "*"
    return _first_problem(fields, _AWS)


def _first_problem(fields: list[str], limits: tuple[_Limits, ...]) -> str:
    for written, (name, least, most, names) in zip(fields, limits, strict=True):
        for part in filter(None, written.split(",")):
            if not _is_range(part, least, most, names):
                return f"`{written}` is not a valid {name}: {least} to {most}"
    return ""


def _is_range(part: str, least: int, most: int, names: list[str]) -> bool:
    """Return whether a part of a field is `*`, a value, or a range, with or without a step."""
    values, *steps = part.split("/")
    ends = values.split("-")
    if len(steps) > 1 or (steps and not (_is_number(steps[0]) and int(steps[0]) > 0)):
        return False
    if ends[0] in {"*", "?"}:
        return True
    read = [_value(end, least, names) for end in ends]
    if len(read) > 2 or None in read:
        return False
    first, last = read[0] or 0, (most if steps and len(read) == 1 else read[-1] or 0)
    return least <= first <= last <= most


def _value(text: str, least: int, names: list[str]) -> int | None:
    if text.lower() in names:
        return names.index(text.lower()) + least
    return int(text) if _is_number(text) else None


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d{1,9}", text, re.ASCII) is not None
