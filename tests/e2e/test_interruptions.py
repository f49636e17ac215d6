"""Ctrl-C at thirty moments of `ops local up`: everything ends, quickly and without a traceback."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from ops.local.run.processes.stop import LIMIT
from tests.e2e.laptop import PATIENCE, READY, ROOT, Laptop, read_until_ready
from tests.ports import free_port
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

MOMENTS = 30
SEED = 13
_AFTER_START = 2.0  # seconds after "is running", in which it may be interrupted too


def laptop_in(root: Path) -> Laptop:
    shutil.copytree(ROOT / "copilot", root / "copilot")
    return Laptop(root, free_port())


@pytest.fixture(scope="module")
def start_takes(tmp_path_factory: pytest.TempPathFactory) -> float:
    """Return the seconds from the command to the running system, measured on this machine."""
    laptop = laptop_in(tmp_path_factory.mktemp("measured"))
    began = time.monotonic()
    process = laptop.up("staging")
    printed = read_until_ready(process)
    assert READY in printed, printed
    took = time.monotonic() - began
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    return took


@pytest.mark.interruptions
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", range(MOMENTS))
def test_ctrl_c_at_any_moment(
    tmp_path: Path, start_takes: float, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = laptop_in(tmp_path)
    # The first half second belongs to Python, which prints a traceback of its own imports.
    last = start_takes + _AFTER_START
    moment = random.Random(SEED * MOMENTS + number).uniform(0.5, last)  # noqa: S311  # no secret
    process = laptop.up("staging", "--stop-within", str(LIMIT))
    with pytest.raises(subprocess.TimeoutExpired):
        process.communicate(timeout=moment)
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    printed, _ = process.communicate(timeout=PATIENCE)
    with capsys.disabled():
        print(f"\nCtrl-C after {moment:.1f} s: ended in {time.monotonic() - sent:.1f} s", end="")  # noqa: T201
    assert "Traceback" not in printed, printed
    assert "Ended at once" not in printed, printed  # it took longer than it may
    assert process.returncode == (0 if READY in printed else 130), printed
    until("no process is left", lambda: laptop.left_behind() == [])
    assert sorted(path.name for path in laptop.root.iterdir()) == ["copilot"]
