"""Times and numbers in words. Pure."""

from datetime import UTC, datetime, timedelta

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def span(length: timedelta | float) -> str:
    """Format a length of time in its two largest units: `3 min 20 s`, `2 d 5 h`, `0 s`."""
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    left = max(0, round(seconds))
    for at, (unit, size) in enumerate(_UNITS):
        if left >= size:
            first, rest = divmod(left, size)
            smaller, smaller_size = _UNITS[min(at + 1, len(_UNITS) - 1)]
            second = rest // smaller_size
            return f"{first} {unit} {second} {smaller}" if second else f"{first} {unit}"
    return "0 s"


def moment(when: datetime) -> str:
    """Format a moment in UTC, to the minute."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def timestamp(when: datetime) -> str:
    """Format a moment for AWS's APIs: UTC, to the second."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(count: int, noun: str, plural: str = "") -> str:
    """Format a number with its noun: `1 task`, `2 tasks`; `plural` is for irregular nouns."""
    return f"{count} {noun}" if count == 1 else f"{count} {plural or f'{noun}s'}"


def tasks_between(least: int | None, most: int | None) -> str:
    """Format `2 to 20 tasks`, `at least 2 tasks`, `1 task`."""
    return f"{between(least, most)} {'task' if least == most == 1 else 'tasks'}"


def between(least: int | None, most: int | None) -> str:
    """Format `2 to 20`, `at least 2`, `3`."""
    if least is None or most is None:
        return f"at most {most}" if least is None else f"at least {least}"
    return str(least) if least == most else f"{least} to {most}"
