"""Every guard can be taken out: these tests fail when one no longer exists."""

import os
import subprocess

import pytest

from tests.amply.support.processes import BIN
from tests.chaos.changes import guards
from tests.chaos.stage.processes import ROOT, STARTED


def start(without: str) -> subprocess.CompletedProcess[str]:
    """Start a service's process and stop after its imports."""
    path = os.pathsep.join(map(str, (STARTED, ROOT / "src", ROOT)))
    return subprocess.run(
        [BIN / "python", "-c", "import amply.jobs.app, amply.api.app; print('started')"],
        env={"PYTHONPATH": path, "CHAOS_HASTY": "1", "CHAOS_WITHOUT": without},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_guard_can_be_taken_out() -> None:
    process = start(",".join(guards.names()))
    assert process.stdout == "started\n", process.stderr


@pytest.mark.parametrize("unknown", ["umbrella"])
def test_a_service_without_a_guard_that_is_not_there_does_not_start(unknown: str) -> None:
    process = start(unknown)
    assert process.returncode == 70
    assert not process.stdout
