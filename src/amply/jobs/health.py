"""The health check of a worker or beat: `python -m amply.jobs.health worker|beat`.

`celery inspect ping` is no check: SQS carries no broadcast. So each service writes a sign of life
whenever it has done its work, and the container health check reads its age. Nothing of Celery is
imported here: the check runs every half minute on half a processor.
"""

import os
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

LONG_POLL_SECONDS = 10
"""How long the worker's question to SQS waits for messages."""

BEAT_LOOP_SECONDS = 5
"""The longest that beat sleeps between two looks at its schedule."""

# The worker: two polls that waited in vain, the second of which SQS never answered until our own
# timeout of 10 s beyond the poll. Beat: its lock, which another one may take after as long.
LONGEST_SILENCE_SECONDS = {"worker": 2 * LONG_POLL_SECONDS + 10, "beat": 30}


def alive(service: str) -> None:
    """Write a sign of life: SQS answered the worker or all its processes are busy, or
    beat ticked.
    """
    with suppress(OSError):  # a full disk turns the check red, it does not end the service
        sign, now = _sign_of_life(service), time.time()
        sign.touch()
        os.utime(sign, (now, now))  # by the clock that it is compared with


def seconds_silent(service: str) -> float | None:
    """Return the age of the last sign of life in seconds; None before the first."""
    try:
        return time.time() - _sign_of_life(service).stat().st_mtime
    except FileNotFoundError:
        return None


def main(arguments: list[str]) -> int:
    """Print the service's health in one line; return 0 if healthy, 1 if not, 2 for a wrong
    argument.
    """
    if len(arguments) != 1 or arguments[0] not in LONGEST_SILENCE_SECONDS:
        print("usage: python -m amply.jobs.health worker|beat", file=sys.stderr)  # noqa: T201
        return 2
    service = arguments[0]
    silent, longest = seconds_silent(service), LONGEST_SILENCE_SECONDS[service]
    if silent is None:
        print(f"{service}: no sign of life yet")  # noqa: T201
        return 1
    print(f"{service}: last sign of life {silent:.0f} s ago, at most {longest} s are well")  # noqa: T201
    return 0 if silent <= longest else 1


def _sign_of_life(service: str) -> Path:
    return Path(tempfile.gettempdir()) / f"amply-{service}.alive"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
