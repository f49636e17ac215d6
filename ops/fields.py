"""The kinds of value that an `ops.yml` is made of, shared by every section's model."""

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Strict, WithJsonSchema

_DURATION = re.compile(r"(\d+)(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = 3650 * 86400

DURATION = r"^(\d+[smhd])+$"  # what `seconds` reads, for a JSON Schema


class Section(BaseModel):
    """A part of an `ops.yml`: immutable, and a field that it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def seconds(text: object) -> int:
    """Seconds in a duration written as in a Copilot manifest: `90s`, `5m`, `1h`, `1h30m`.

    Ten years are the most, which no calendar minds.
    """
    if isinstance(text, str) and text and not _DURATION.sub("", text):
        amounts = [(float(amount), _SECONDS[unit]) for amount, unit in _DURATION.findall(text)]
        if (total := sum(amount * length for amount, length in amounts)) > _LONGEST:
            raise ValueError(f"is longer than ten years, `{text[:20]}`")
        return int(total)
    raise ValueError(f"must be a duration such as 60s, 5m or 1h, not {text!r}")


def as_duration(amount: int) -> str:
    """Seconds as `seconds` reads them, in the largest units: `1m30s`."""
    parts = []
    for unit, length in reversed(_SECONDS.items()):
        count, amount = divmod(amount, length)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def _as_text(value: object) -> object:
    """Environment variables and arguments are text, however YAML reads `8000` or `true`."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


Duration = Annotated[
    int, BeforeValidator(seconds), WithJsonSchema({"type": "string", "pattern": DURATION})
]
Text = Annotated[
    str, BeforeValidator(_as_text), WithJsonSchema({"type": ["string", "number", "boolean"]})
]
Number = Annotated[float, Strict()]
Count = Annotated[int, Strict()]
Switch = Annotated[bool, Strict()]
