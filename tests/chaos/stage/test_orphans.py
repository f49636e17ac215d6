"""A run that is killed leaves no processes."""

import subprocess
import sys
from pathlib import Path

import pytest

START_ONE = """
import subprocess, sys, time
from pathlib import Path

import pytest
from tests.chaos.stage.orphans import ended_with_us

with ended_with_us(Path(sys.argv[1])):
    subprocess.Popen(["sleep", "600"], cwd=sys.argv[1], start_new_session=True)
    print("started", flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="Linux tells it in /proc")
def test_a_killed_run_takes_its_processes_along(tmp_path: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", START_ONE, tmp_path],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "started\n"
    run.kill()
    assert run.stdout.read() == ""  # all have it open until they end
    run.stdout.close()
    run.wait()
