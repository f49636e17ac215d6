"""The clock. Only this module reads it; all other code takes the time as an argument."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def sleep(seconds: float) -> None:
    """Wait for some seconds."""
    time.sleep(seconds)
