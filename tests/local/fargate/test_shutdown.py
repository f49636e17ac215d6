"""The shutdown of Fargate, in order or by force, leaves no process."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ops.local.fargate import Fargate, FargateError
from ops.local.fargate.tasks.choice import Programs
from tests.local.fargate.world import World, alive
from tests.waiting import WAIT, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.plane import ControlPlane

KILLED = """
import subprocess, sys, time
from ops.local.fargate.tasks.reaper import Reaper
reaper = Reaper()
group = subprocess.Popen(
    ["sh", "-c", "sleep 600 & echo $$ $!; wait"], start_new_session=True, stdout=sys.stdout
)
ended = subprocess.Popen(["sleep", "600"], start_new_session=True)
reaper.began(group.pid)
reaper.began(ended.pid)
reaper.ended(ended.pid)
print(ended.pid, flush=True)
time.sleep(600)
"""


def test_stop_leaves_no_process_port_or_file(
    world: World, fargate: Callable[[], Fargate], tmp_path: Path, port: int
) -> None:
    group = world.serve_web(name="web")
    world.serve(world.define_worker("stubborn", stopTimeout=120), desired=2, name="worker")
    running = fargate()
    running.wait_until_steady(WAIT)
    processes = world.workers(2)
    running.stop(grace=0.5)
    assert not any(alive(pid) for pid in processes)
    assert not list((tmp_path / "tasks").iterdir())
    assert world.health(group) == {}
    assert not [e for e in world.ec2.enis.values() if "attachment/" in e.description]
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
    running.stop()


def test_a_port_that_is_taken_is_told_before_anything_starts(
    world: World, tmp_path: Path, port: int, plane: ControlPlane
) -> None:
    made = Fargate(world.endpoint, plane, tmp_path, Programs(), ("127.0.0.1", port))
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        with pytest.raises(FargateError, match=f"127.0.0.1:{port}: Address already in use"):
            made.start()
    made.stop()
    made.start()
    made.stop()


def test_a_killed_parent_leaves_no_process() -> None:
    parent = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    numbers: list[int] = []
    while len(numbers) < 3:
        numbers += map(int, parent.stdout.readline().split())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    freed = next(n for n in numbers if _is_sleep_leader(n))
    try:
        left = [number for number in numbers if number != freed]
        until("the group is killed", lambda: not any(alive(number) for number in left))
        assert alive(freed), "a group that was said to have ended is left alone"
    finally:
        subprocess.run(["kill", "-9", str(freed)], check=True)


def _is_sleep_leader(pid: int) -> bool:
    """Return whether a process of KILLED leads its own session and only sleeps."""
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return int(words[3]) == pid and Path(f"/proc/{pid}/comm").read_text() == "sleep\n"
