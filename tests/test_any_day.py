"""A moment's time is also the time of the processes that tests start, and it continues there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests import any_day
from tests.any_day import MOMENTS, TIME_DEPENDENT, Moment, clock

_PROGRAM = """
import json, subprocess, sys, time
started = time.monotonic()
time.sleep(0.01)
words = [sys.executable, "-c", "import time; print(time.time())"]
child = float(subprocess.run(words, capture_output=True, timeout=60).stdout)
print(json.dumps([time.time(), child, time.strftime("%H:%M"), time.monotonic() - started]))
"""


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name)
def test_a_process_and_its_child_believe_it_is_that_moment(moment: Moment) -> None:
    run = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env=os.environ | clock(moment),
        capture_output=True,
        check=True,
        timeout=60,
    )
    parent, child, shown, took = json.loads(run.stdout)
    patience = timedelta(seconds=took + 60)
    for seconds in (parent, child):
        assert abs(datetime.fromtimestamp(seconds, UTC) - moment.instant) < patience
    assert took > 0
    assert shown[2] == ":"


def test_what_is_run_at_each_moment_is_there() -> None:
    root = Path(__file__).parents[1]
    assert [path for path in TIME_DEPENDENT if not (root / path).exists()] == []


@pytest.mark.parametrize(
    ("codes", "runs", "failed"),
    [((-11, 0), 2, 0), ((-11, -11), 2, 1), ((1, 0), 1, 1), ((0,), 1, 0)],
)
def test_a_crash_is_tried_again_and_a_failure_is_not(
    monkeypatch: pytest.MonkeyPatch, codes: tuple[int, ...], runs: int, failed: int
) -> None:
    answers = [subprocess.CompletedProcess((), code, "") for code in codes]
    left = list(answers)
    monkeypatch.setattr(any_day, "MOMENTS", MOMENTS[:1])
    monkeypatch.setattr("subprocess.run", lambda *_, **__: left.pop(0))
    assert any_day.main([]) == failed
    assert len(answers) - len(left) == runs
