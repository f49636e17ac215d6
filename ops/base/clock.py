"""What time it is: the one place that asks, so that all else takes time as an argument."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The moment of the call, in UTC."""
    return datetime.now(UTC)


def sleep(seconds: float) -> None:
    """Let time pass."""
    time.sleep(seconds)
