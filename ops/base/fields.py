"""The value types of an `ops.yml`, shared by every section's model."""

import re
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    WithJsonSchema,
)

_DURATION = re.compile(r"(\d+)(s|m|h|d)")
_HOUR, _DAY = 3600, 86400
_SECONDS = {"s": 1, "m": 60, "h": _HOUR, "d": _DAY}
_LONGEST = 3650 * _DAY
_QUEUE = re.compile(r"[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo")

DURATION = r"^(\d+[smhd])+$"  # what `seconds` reads, for a JSON Schema


class Section(BaseModel):
    """A part of an `ops.yml`; it is immutable, and unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def seconds(text: object) -> int:
    """Return the seconds of a duration written as in a Copilot manifest: `90s`, `5m`, `1h`,
    `1h30m`.

    The maximum is ten years, which every calendar can represent.
    """
    if isinstance(text, str) and text and not _DURATION.sub("", text):
        amounts = [(float(amount), _SECONDS[unit]) for amount, unit in _DURATION.findall(text)]
        if (total := sum(amount * length for amount, length in amounts)) > _LONGEST:
            raise ValueError(f"is longer than ten years, `{text[:20]}`")
        return int(total)
    raise ValueError(f"must be a duration such as 60s, 5m or 1h, not {text!r}")


def as_duration(amount: int) -> str:
    """Return seconds in the largest units that `seconds` can read back: `1m30s`."""
    parts = []
    for unit, length in reversed(_SECONDS.items()):
        count, amount = divmod(amount, length)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def queue_name(text: str) -> str:
    """Return the name of an SQS queue. Raise ValueError if SQS cannot have a queue of that name.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
    """
    if _QUEUE.fullmatch(text):
        return text
    last = re.split(r"[/:]", text)[-1]
    if last != text and _QUEUE.fullmatch(last):
        raise ValueError(f"must be the name of a queue, not its URL or ARN: write `{last}`")
    raise ValueError(
        "must be the name of a queue: 1 to 80 letters, digits, hyphens and underscores, "
        "for a FIFO queue with `.fifo` at the end"
    )


def check_window(period: int, periods: int, what: str) -> None:
    """Raise ValueError if an alarm of so many periods, in seconds, looks back too far.

    `what` names their product in the words of the `ops.yml`.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    longest = _DAY if period < _HOUR else 7 * _DAY
    if period * periods > longest:
        shown = "a day, for periods under an hour" if longest == _DAY else "seven days"
        raise ValueError(f"looks back too far: {what} is at most {shown}")


def _as_text(value: object) -> object:
    """Return a scalar as text: environment variables and arguments are text, however YAML reads
    `8000` or `true`.
    """
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


Duration = Annotated[
    int, BeforeValidator(seconds), WithJsonSchema({"type": "string", "pattern": DURATION})
]
Text = Annotated[
    str, BeforeValidator(_as_text), WithJsonSchema({"type": ["string", "number", "boolean"]})
]
# In a file a name may hold variables, `${COPILOT_ENVIRONMENT_NAME}-jobs`: the schema allows them.
QueueName = Annotated[
    Text,
    AfterValidator(queue_name),
    WithJsonSchema(
        {
            "type": ["string", "number", "boolean"],
            "pattern": r"^([A-Za-z0-9_-]|\$\{[^}]*\})+(\.fifo)?$",
        }
    ),
]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Count = Annotated[int, Strict()]
Switch = Annotated[bool, Strict()]
