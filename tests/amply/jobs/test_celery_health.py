"""The container health check of worker and beat: a process may run and do nothing.

Tests make the sign of life older instead of waiting.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from amply.jobs import transport
from amply.jobs.health import LONGEST_SILENCE_SECONDS
from tests.amply.support.processes import running
from tests.amply.support.queue.redbeat import beat, new_schedule
from tests.amply.support.queue.sqs_stand_in import Broken, running_in_thread
from tests.amply.support.queue.task_names import SAY, WORK
from tests.amply.support.queue.workers import health, said, send, worker
from tests.waiting import until


def sign_of_life(service: str, home: Path) -> Path:
    return home / f"amply-{service}.alive"


def let_time_pass(service: str, home: Path) -> None:
    """Make the sign of life older than the health check allows."""
    long_ago = time.time() - LONGEST_SILENCE_SECONDS[service] - 1
    os.utime(sign_of_life(service, home), (long_ago, long_ago))


def assert_well(service: str, home: Path) -> None:
    check = health(service, home)
    assert check.returncode == 0, check.stdout
    assert len(check.stdout.splitlines()) == 1


def assert_ill(service: str, home: Path) -> None:
    check = health(service, home)
    assert check.returncode == 1, check.stdout
    assert len(check.stdout.splitlines()) == 1


def wait_for_a_new_sign(service: str, home: Path) -> None:
    """Wait until the service writes its next sign of life."""
    sign_of_life(service, home).unlink(missing_ok=True)
    until("a sign of life", lambda: health(service, home).returncode == 0, patience=60)


def children_of(pid: int) -> list[int]:
    """The processes that a process has started."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    pairs = (map(int, line.split()) for line in listed.stdout.splitlines())
    return [child for child, parent in pairs if parent == pid]


def test_before_its_first_sign_a_service_is_not_well(tmp_path: Path) -> None:
    assert_ill("worker", tmp_path)
    assert_ill("beat", tmp_path)


@pytest.mark.parametrize("arguments", [[], ["api"], ["worker", "beat"]])
def test_an_unknown_service_is_a_mistake_in_the_manifest(
    arguments: list[str], tmp_path: Path
) -> None:
    with running(["python", "-m", "amply.jobs.health", *arguments], {}, tmp_path) as process:
        assert process.wait() == 2
    assert process.lines == ["usage: python -m amply.jobs.health worker|beat"]


def test_the_check_loads_nothing_of_celery(tmp_path: Path) -> None:
    program = "import sys, amply.jobs.health; print(len(sys.modules), 'celery' in sys.modules)"
    with running(["python", "-c", program], {}, tmp_path) as process:
        assert process.wait() == 0
    (line,) = process.lines
    modules, knows_celery = line.split()
    assert knows_celery == "False"
    assert int(modules) < 200


def test_a_worker_that_polls_or_is_busy_is_well_and_a_stopped_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_in_thread() as stand_in, worker(stand_in, tmp_path, "-c", "1") as process:
        wait_for_a_new_sign("worker", tmp_path)  # of a poll that found nothing

        send(stand_in, monkeypatch, WORK, until=str(tmp_path / "enough"))
        process.wait_for(said("Working"))
        polls = stand_in.calls["ReceiveMessage"]
        wait_for_a_new_sign("worker", tmp_path)  # of hands that are full
        assert stand_in.calls["ReceiveMessage"] == polls

        process._process.send_signal(signal.SIGSTOP)
        let_time_pass("worker", tmp_path)
        assert_ill("worker", tmp_path)
        process._process.send_signal(signal.SIGCONT)
        wait_for_a_new_sign("worker", tmp_path)
        (tmp_path / "enough").touch()
        process.wait_for(said("Worked"))


def test_a_worker_that_lives_but_no_longer_consumes_is_not_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A poll is never answered, as without a timeout, while everything else continues."""
    with (
        running_in_thread() as stand_in,
        worker(stand_in, tmp_path, TEST_ANSWER_SECONDS="3600") as process,
    ):
        stand_in.fail("ReceiveMessage", Broken.HANG)
        stand_in.wait_until(lambda it: not it.faults_left("ReceiveMessage"))
        send(stand_in, monkeypatch, SAY, word="unheard")

        let_time_pass("worker", tmp_path)

        assert_ill("worker", tmp_path)
        assert process._process.poll() is None


def test_a_worker_whose_pool_takes_nothing_up_is_not_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time limits do not apply to a task that no process of the pool has begun."""
    with (
        running_in_thread() as stand_in,
        worker(stand_in, tmp_path, "-c", "1", TEST_LONGEST_STANDSTILL_SECONDS="0") as process,
    ):
        (pool,) = children_of(process._process.pid)
        os.kill(pool, signal.SIGSTOP)
        try:
            send(stand_in, monkeypatch, SAY, word="unheard")
            process.wait_for(said("Task received"))

            let_time_pass("worker", tmp_path)

            assert_ill("worker", tmp_path)
            assert process._process.poll() is None
        finally:
            os.kill(pool, signal.SIGCONT)
        process.wait_for(said("Said unheard"))
        wait_for_a_new_sign("worker", tmp_path)


class _FullChannel(transport.Channel):
    """A channel without a connection, whose prefetch window is full."""

    wait_time_seconds = 1
    connection = SimpleNamespace(polling_interval=1)
    closed = False
    hub = SimpleNamespace(call_later=lambda *_: None)

    def __init__(self) -> None:
        """Do not connect."""

    @property
    def qos(self) -> SimpleNamespace:
        return SimpleNamespace(
            prefetch_count=4,
            can_consume=lambda: False,
            can_consume_max_estimate=lambda: 0,
            is_backoff_task=lambda _: True,
            get={}.__getitem__,
            ack=lambda _: None,
            reject=lambda *_, **__: None,
        )


MOVES: dict[str, Callable[[_FullChannel], object]] = {
    "poll": lambda channel: channel._on_messages_ready("url", "queue", {}),
    "acknowledge": lambda channel: channel.basic_ack("tag"),
    "give back": lambda channel: channel.basic_reject("tag", requeue=True),
}


@pytest.mark.parametrize("move", MOVES)
def test_full_hands_are_well_for_as_long_as_a_task_may_take(
    monkeypatch: pytest.MonkeyPatch, move: str
) -> None:
    channel = _FullChannel()
    clock, signs = [1000.0], list[float]()
    monkeypatch.setattr(transport, "monotonic", lambda: clock[0])
    monkeypatch.setattr("amply.jobs.health.alive", lambda _: signs.append(clock[0]))
    for _ in range(2):
        MOVES[move](channel)
        moved_at = clock[0]
        signs.clear()
        for age in (0, 119, 121, 3600):
            clock[0] = moved_at + age
            channel._loop1("queue")
        assert [sign - moved_at for sign in signs] == [0, 119]


def test_a_beat_that_ticks_is_well_and_a_stopped_one_is_not(tmp_path: Path) -> None:
    with (
        running_in_thread() as stand_in,
        new_schedule() as schedule,
        beat(stand_in, tmp_path, schedule) as process,
    ):
        wait_for_a_new_sign("beat", tmp_path)
        process._process.send_signal(signal.SIGSTOP)
        let_time_pass("beat", tmp_path)
        assert_ill("beat", tmp_path)
        process._process.send_signal(signal.SIGCONT)
        wait_for_a_new_sign("beat", tmp_path)


def test_a_worker_is_well_as_soon_as_it_is_ready(tmp_path: Path) -> None:
    """A deployment does not wait for the end of the first poll of an empty queue."""
    with running_in_thread() as stand_in:
        stand_in.fail("ReceiveMessage", *[Broken.HANG] * 5)
        with worker(stand_in, tmp_path):
            assert_well("worker", tmp_path)
