"""Run the tests that depend on time at a dozen moments: `make test-any-day`.

Each run has its own clock and time zone, and so has every process that it starts: moto, `ops`, the
services. libfaketime shifts the clock, it does not stop it; the monotonic clock stays. Databases
and Redis keep the machine's clock, and so do the times of files, which signs of life are.
As many moments run side by side as the machine has processors.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

_ROOT = Path(__file__).parents[1]
# Found, not imported: the package's import looks at the variables that `clock` sets.
_LIBRARY = Path("vendor/libfaketime/src/libfaketime.so.1")

# What reads a clock, its own or that of a process it starts.
TIME_DEPENDENT = (
    "tests/amply/keys",
    "tests/amply/api/routes/test_staff_api.py",
    "tests/amply/books",
    "tests/amply/donations/test_charging.py",
    "tests/amply/donations/test_outbox.py",
    "tests/amply/donations/test_recovery.py",
    "tests/amply/donations/test_recovery_plans.py",
    "tests/amply/donations/test_webhooks.py",
    "tests/amply/mail/test_receipts.py",
    "tests/local/gaps/cloudwatch/test_metric_data.py",
    "tests/local/gaps/cloudwatch/test_mute_rules.py",
    "tests/local/gaps/ecr/test_lifecycle_preview.py",
    "tests/local/gaps/scaling/test_activities.py",
    "tests/local/gaps/test_cloudtrail_event_history.py",
    "tests/ops/kinds/images/test_lifecycle.py",
    "tests/ops/kinds/images/test_list.py",
    "tests/ops/kinds/scaling/test_minimum.py",
    "tests/ops/kinds/schedules",
    "tests/ops/oncall",
    "tests/ops/plan/test_authorship.py",
    "tests/ops/release/test_journal.py",
    "tests/ops/release/test_record.py",
    "tests/ops/release/test_tasks.py",
)


@dataclass(frozen=True)
class Moment:
    """A wall clock's time and its time zone."""

    name: str
    local: datetime  # naive
    zone: str

    @property
    def instant(self) -> datetime:
        """Return the instant. A skipped local time counts as one hour later, a repeated one as its
        first.
        """
        return self.local.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


BERLIN, NEW_YORK, AUCKLAND = "Europe/Berlin", "America/New_York", "Pacific/Auckland"
MOMENTS = (
    Moment("a Saturday at noon", datetime(2026, 11, 28, 12), "UTC"),  # noqa: DTZ001 - local
    Moment("a Sunday at three", datetime(2027, 2, 7, 3), BERLIN),  # noqa: DTZ001
    Moment("Christmas Eve", datetime(2026, 12, 24, 18, 55), BERLIN),  # noqa: DTZ001
    Moment("the year's last minutes", datetime(2027, 12, 31, 23, 58), NEW_YORK),  # noqa: DTZ001
    Moment("the leap day", datetime(2028, 2, 29, 23, 58), "UTC"),  # noqa: DTZ001
    Moment("before summer time", datetime(2027, 3, 28, 1, 58), BERLIN),  # noqa: DTZ001
    Moment("in the gap", datetime(2027, 3, 28, 2, 30), BERLIN),  # noqa: DTZ001
    Moment("before winter time", datetime(2027, 10, 31, 2, 58), BERLIN),  # noqa: DTZ001
    Moment("New York's gap", datetime(2027, 3, 14, 2, 30), NEW_YORK),  # noqa: DTZ001
    Moment("Auckland's tomorrow", datetime(2027, 6, 1, 0, 5), AUCKLAND),  # noqa: DTZ001
    Moment("Auckland's gap", datetime(2027, 9, 26, 2, 30), AUCKLAND),  # noqa: DTZ001
    Moment("a working day in UTC", datetime(2027, 5, 5, 9), "UTC"),  # noqa: DTZ001
)


def clock(moment: Moment) -> dict[str, str]:
    """Return the variables that give a process and its children this time."""
    package = find_spec("libfaketime")
    assert package is not None  # of the group `dev`
    assert package.origin is not None
    shift = moment.instant - datetime.now(UTC)
    return {
        "TZ": moment.zone,
        "LD_PRELOAD": str(Path(package.origin).parent / _LIBRARY),
        "FAKETIME": f"{shift.total_seconds():+.0f}",
        "DONT_FAKE_MONOTONIC": "1",
        # For an old glibc, and guessed where it is not said: waits for Python's lock end at once
        # then, and threads take three times the processor's time.
        # https://github.com/wolfcw/libfaketime/releases/tag/v0.9.10
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        "NO_FAKE_STAT": "1",  # files keep the time that they are given
    }


def main(arguments: list[str]) -> int:
    """Run pytest once for each moment, with these arguments after the paths; return 0 if
    all pass.
    """
    failed = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for moment, run in zip(MOMENTS, pool.map(partial(_run, arguments), MOMENTS), strict=True):
            sys.stdout.write(f"\n{moment.name}: {moment.instant.isoformat()}, TZ={moment.zone}\n")
            sys.stdout.write(run.stdout)
            sys.stdout.flush()
            if run.returncode:
                failed.append(moment.name)
    sys.stdout.write(f"\nFailed: {', '.join(failed) or 'none'} of {len(MOMENTS)} moments\n")
    return 1 if failed else 0


def _run(arguments: list[str], moment: Moment) -> subprocess.CompletedProcess[str]:
    """Run pytest at a moment, and once more if libfaketime crashed it.

    It reads the environment whenever a thread waits (`getenv` in `pthread_cond_timedwait`), which
    is not safe while another thread sets a variable, as tests do.
    https://man7.org/linux/man-pages/man3/setenv.3.html#ATTRIBUTES
    """
    command = [sys.executable, "-m", "pytest", "--durations=0", "--durations-min=60"]
    for _ in range(2):
        run = subprocess.run(
            [*command, *TIME_DEPENDENT, *arguments],
            cwd=_ROOT,
            env=os.environ | clock(moment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if run.returncode != -signal.SIGSEGV:
            break
    return run


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
