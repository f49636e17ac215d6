"""No task is lost when a worker or a process of its pool ends."""

import signal
from pathlib import Path

import pytest

from tests.amply.support.queue.sqs_stand_in import running_in_thread
from tests.amply.support.queue.task_names import DIE_ONCE, SAY, WORK
from tests.amply.support.queue.workers import said, send, worker


def test_a_warm_shutdown_ends_what_runs_and_gives_the_rest_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enough = tmp_path / "enough"
    options = ("-c", "1", "--prefetch-multiplier=4")
    with running_in_thread() as stand_in:
        with worker(stand_in, tmp_path, *options) as process:
            send(stand_in, monkeypatch, WORK, until=str(enough))
            for word in ("one", "two", "three"):
                send(stand_in, monkeypatch, SAY, word=word)
            stand_in.wait_until(lambda it: it.queue.in_flight == 4)
            process.wait_for(said("Working"))

            process._process.send_signal(signal.SIGTERM)
            process.wait_for(said("Warm shutdown"))
            enough.touch()
            assert process.wait() == 0

        process.wait_for(said("Worked"))
        assert stand_in.deleted == 1
        # Given back: visible after the second of a long poll, not after the queue's 180.
        assert stand_in.calls["ChangeMessageVisibility"] == 3
        with worker(stand_in, tmp_path) as successor:
            for word in ("one", "two", "three"):
                successor.wait_for(said(f"Said {word}"))
            stand_in.wait_until(lambda it: it.deleted == 4)


def test_a_worker_that_is_killed_leaves_its_task_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enough = tmp_path / "enough"
    with running_in_thread(visibility_timeout=2) as stand_in:
        send(stand_in, monkeypatch, WORK, until=str(enough))
        with worker(stand_in, tmp_path) as process:
            process.wait_for(said("Working"))
            process._process.kill()
            process._process.wait()
            enough.touch()
        with worker(stand_in, tmp_path) as successor:
            successor.wait_for(said("Worked"))
            stand_in.wait_until(lambda it: it.deleted == 1)


def test_a_task_whose_process_is_killed_runs_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_in_thread() as stand_in, worker(stand_in, tmp_path) as process:
        send(stand_in, monkeypatch, DIE_ONCE, marker=str(tmp_path / "died"))
        process.wait_for(said("Survived"))
        stand_in.wait_until(lambda it: it.deleted == 1)
        assert stand_in.calls["ChangeMessageVisibility"] == 1


def test_a_task_that_always_kills_its_process_ends_in_the_dead_letter_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = tmp_path / "missing" / "marker"
    with running_in_thread(visibility_timeout=1, max_receives=2) as stand_in:
        with worker(stand_in, tmp_path):
            send(stand_in, monkeypatch, DIE_ONCE, marker=str(nowhere))
            stand_in.wait_until(lambda it: it.dead.visible == 1)
        assert stand_in.deleted == 0
