"""A due task is sent once: by one of two beats, and not again by the next one."""

import base64
import json
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from redbeat import RedBeatSchedulerEntry  # type: ignore[import-untyped]

from amply.base.settings import Settings
from amply.jobs.app import create_celery
from tests.amply.support.processes import Process, running
from tests.amply.support.queue.redbeat import beat, forget, new_schedule
from tests.amply.support.queue.sqs_stand_in import StandIn, running_in_thread
from tests.amply.support.queue.task_names import SELDOM
from tests.amply.support.queue.workers import said
from tests.amply.support.services import require_redis


def sent(stand_in: StandIn) -> list[str]:
    """The words of the tasks in the queue, in order."""
    bodies = (json.loads(base64.b64decode(body))["body"] for body in stand_in.queue.bodies)
    return [json.loads(base64.b64decode(body))[1]["word"] for body in bodies]


def wait_for_messages(stand_in: StandIn, number: int) -> None:
    stand_in.wait_until(lambda it: it.queue.visible >= number)


def sendings(lines: list[str]) -> int:
    return sum("Sending due task" in line for line in lines)


def let_an_hour_pass(schedule: str, name: str) -> None:
    """Set the time at which Redis says that an entry was last sent to an hour earlier."""
    app = create_celery(Settings(redis_url=require_redis(), celery_queue_url="http://127.0.0.1/q"))
    app.conf.redbeat_key_prefix = schedule
    entry = RedBeatSchedulerEntry.from_key(f"{schedule}{name}", app=app)
    entry.reschedule(last_run_at=entry.last_run_at - timedelta(hours=1))
    app.redbeat_redis.close()


def test_two_beats_send_each_task_once_and_the_second_takes_over(tmp_path: Path) -> None:
    with ExitStack() as stack:
        stand_in = stack.enter_context(running_in_thread())
        schedule = stack.enter_context(new_schedule())
        first = stack.enter_context(beat(stand_in, tmp_path, schedule))
        first.wait_for(said("Acquired lock"))
        second = stack.enter_context(beat(stand_in, tmp_path, schedule))
        second.wait_for(said("beat: Starting"))
        wait_for_messages(stand_in, stand_in.queue.visible + 3)
        assert sendings(second.lines) == 0

        first._process.kill()  # it cannot give its lock back
        first.wait()
        of_the_first = stand_in.queue.visible
        assert of_the_first <= sendings(first.lines) <= of_the_first + 1  # killed while it sent
        second.wait_for(said("Acquired lock"))
        wait_for_messages(stand_in, of_the_first + 2)


def test_a_beat_that_waited_for_its_lock_while_redis_was_emptied_sends_all_the_same(
    tmp_path: Path,
) -> None:
    with ExitStack() as stack:
        stand_in = stack.enter_context(running_in_thread())
        schedule = stack.enter_context(new_schedule())
        first = stack.enter_context(beat(stand_in, tmp_path, schedule))
        first.wait_for(said("Acquired lock"))
        second = stack.enter_context(beat(stand_in, tmp_path, schedule, level="debug"))
        second.wait_for(said("beat: Acquiring lock"))

        first._process.kill()
        first.wait()
        forget(schedule)
        second.wait_for(said("Acquired lock"))

        second.wait_for(said("Sending due task"))


def test_a_beat_that_starts_again_on_an_empty_disk_forgets_nothing(tmp_path: Path) -> None:
    with running_in_thread() as stand_in, new_schedule() as schedule:

        def run(name: str) -> None:
            home = tmp_path / name
            home.mkdir()
            before = stand_in.queue.visible
            with beat(stand_in, home, schedule):
                wait_for_messages(stand_in, before + 3)
            # Its sign of life apart, it leaves nothing behind that it could need.
            assert [path.name for path in home.iterdir()] == ["amply-beat.alive"]

        run("first")
        assert SELDOM not in sent(stand_in)
        let_an_hour_pass(schedule, SELDOM)  # while none runs
        run("second")
        run("third")
        assert sent(stand_in).count(SELDOM) == 1


def ends_in_one_line(process: Process) -> None:
    assert process.wait() == 1
    lines = map(json.loads, process.lines)
    told = [line for line in lines if line["level"] not in {"DEBUG", "INFO"}]
    assert len(told) == 1, told
    (line,) = told
    assert line["level"] == "CRITICAL"
    assert line["message"].startswith("Redis is lost: ")
    assert "exception" not in line


def test_beats_that_lose_redis_say_so_in_one_line(tmp_path: Path) -> None:
    """Redis is lost during a tick, while waiting for the lock, and before the start."""
    with ExitStack() as stack:
        stand_in = stack.enter_context(running_in_thread())
        command = ("python", "-m", "amply.embedded.redis", "--port", "0")
        store = stack.enter_context(running(command, {}, tmp_path))
        port = store.wait_for(said("listening on")).rpartition(":")[2]
        given = {"schedule": "amply:", "redis_url": f"redis://127.0.0.1:{port}/0"}
        ticking = stack.enter_context(beat(stand_in, tmp_path, level="debug", **given))
        ticking.wait_for(said("beat: Selecting tasks"))  # its schedule is set up
        waiting = stack.enter_context(beat(stand_in, tmp_path, level="debug", **given))
        waiting.wait_for(said("beat: Acquiring lock"))
        store._process.kill()
        ends_in_one_line(ticking)
        ends_in_one_line(waiting)
        ends_in_one_line(stack.enter_context(beat(stand_in, tmp_path, **given)))


def test_a_beat_whose_lock_was_forgotten_ends_in_one_line(tmp_path: Path) -> None:
    with (
        running_in_thread() as stand_in,
        new_schedule() as schedule,
        beat(stand_in, tmp_path, schedule) as process,
    ):
        process.wait_for(said("Sending due task"))
        forget(schedule)
        ends_in_one_line(process)
