"""Queries of plain values, for rules. They never raise. Pure."""

import re
from math import isfinite
from typing import Any

# Go's time.ParseDuration, which Copilot reads durations with.
_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}

Location = tuple[int | str, ...]


def dig(value: object, *keys: str) -> Any:  # noqa: ANN401
    """Return the value at a path of keys; None if there is no such path."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def mapping(value: object) -> dict[str, Any]:
    """Return the value if it is a mapping, otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def listed(at: tuple[str, ...], value: object) -> list[tuple[Location, Any]]:
    """Return the items of a list, each with its location; nothing if it is not a list."""
    items = value if isinstance(value, list) else []
    return [((*at, index), item) for index, item in enumerate(items)]


def number(value: object) -> int | None:
    """Return the value if it is a whole number, otherwise None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def whole(value: object) -> int:
    """Return the whole number that Copilot keeps in a field: it cuts off a fraction, and keeps 0 of
    what it cannot read where it does not refuse that.
    """
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        return 0
    return int(value)


def seconds(value: object) -> float | None:
    """Return a Go duration such as 30s or 1m30s in seconds, or None if it is not a duration."""
    if not isinstance(value, str):
        return None
    parts = _DURATION.findall(value)
    if not parts or "".join(size + unit for size, unit in parts) != value.lstrip("+-"):
        return None
    total = sum(float(size) * _SECONDS[unit] for size, unit in parts)
    return -total if value.startswith("-") else total


def text(value: object) -> str | None:
    """Return a scalar as Copilot reads it where it expects text, or None if it is not a scalar."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else None


def words(value: object) -> str:
    """Return a command, written as text or as a list, as one line."""
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return value if isinstance(value, str) else ""


def region_of(arn: str) -> str | None:
    """Return the region of an ARN; None for a text that is not an ARN."""
    parts = arn.split(":")
    return parts[3] if parts[0] == "arn" and len(parts) > 5 else None
