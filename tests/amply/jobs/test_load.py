"""The load of the workers: its counters, its calculation, and its publication."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fakeredis import FakeServer, FakeStrictRedis
from redis import Redis, RedisError

from amply.base.logs import JsonFormatter
from amply.base.settings import Settings
from amply.jobs import load
from amply.jobs.app import create_celery
from amply.jobs.counters import Counters
from amply.outbox.models import OutboxMessage
from tests.amply.support.queue.redbeat import beat, new_schedule
from tests.amply.support.queue.sqs_stand_in import running_in_thread
from tests.amply.support.queue.workers import worker
from tests.amply.support.services import require_redis


class Clock:
    """A clock in seconds since the epoch, set by a test."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def counters(clock: Clock, server: FakeServer) -> Iterator[Counters]:
    redis = FakeStrictRedis(server=server)
    yield Counters(redis, "jobs", clock)
    redis.close()


def test_what_was_sent_counts_once_its_ten_seconds_are_over(
    counters: Counters, clock: Clock
) -> None:
    counters.sent(10)
    counters.sent(30)
    assert counters.sent_per_second() == 0
    clock.now += 10
    counters.sent(100)
    assert counters.sent_per_second() == 2
    clock.now += 10
    assert counters.sent_per_second() == 7
    clock.now += 20
    assert counters.sent_per_second() == 0


def test_a_worker_counts_while_it_says_so(counters: Counters, clock: Clock) -> None:
    counters.working("one")
    clock.now += 5
    counters.working("one")
    counters.working("other")
    assert counters.workers() == 2
    clock.now += 10
    counters.working("one")
    clock.now += 5
    assert counters.workers() == 1


def test_workers_that_are_gone_are_forgotten(
    counters: Counters, clock: Clock, server: FakeServer
) -> None:
    for number in range(30):
        counters.working(f"worker-{number}")
        clock.now += 10
    with FakeStrictRedis(server=server) as redis:
        assert redis.zcard("amply:load:jobs:workers") <= 13


def test_queues_are_counted_apart(counters: Counters, clock: Clock, server: FakeServer) -> None:
    counters.working("one")
    with FakeStrictRedis(server=server) as redis:
        assert Counters(redis, "other", clock).workers() == 0


def test_sending_goes_on_without_redis(counters: Counters, server: FakeServer) -> None:
    server.connected = False
    counters.sent(1)
    with pytest.raises(RedisError):
        counters.workers()


def test_a_redis_that_did_not_answer_is_not_waited_for_by_each_batch(
    counters: Counters, clock: Clock, server: FakeServer
) -> None:
    server.connected = False
    counters.sent(1)
    server.connected = True
    counters.sent(10)  # not even asked
    clock.now += 10
    counters.sent(30)
    clock.now += 10
    assert counters.sent_per_second() == 1.5


def test_an_error_that_none_foresaw_does_not_end_the_telling(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ending, again, failures = threading.Event(), threading.Event(), iter([ValueError("once")])

    def tell() -> None:
        for failure in failures:
            raise failure
        again.set()

    monkeypatch.setattr(load, "_ending", ending)
    load._repeat(tell, 0.001)
    assert again.wait(10)
    ending.set()
    assert [record.message for record in caplog.records] == ["Load not told"]


def test_one_is_a_worker_that_is_always_busy() -> None:
    assert load.load(sent_per_second=8, waiting=0, seconds=0.25, workers=2) == 1
    assert load.load(sent_per_second=0, waiting=240, seconds=0.25, workers=1) == 1
    assert load.load(sent_per_second=8, waiting=240, seconds=0.25, workers=2) == 1.5
    assert load.load(sent_per_second=8, waiting=240, seconds=0.25, workers=0) is None


def published(caplog: pytest.LogCaptureFixture, counters: Counters, waiting: int) -> Any:  # noqa: ANN401
    caplog.set_level(logging.INFO, logger="amply.base.metrics")
    caplog.clear()
    load.publish(counters, lambda: waiting, 0.25)
    return [json.loads(JsonFormatter().format(record)) for record in caplog.records]


def test_the_load_is_two_metrics_that_alarms_see_each_ten_seconds(
    caplog: pytest.LogCaptureFixture, counters: Counters, clock: Clock
) -> None:
    assert published(caplog, counters, 240) == []  # no worker, no load
    counters.working("one")
    now, fewer = published(caplog, counters, 240)
    assert now["LoadPerTask"] == 1
    assert fewer["LoadWithOneTaskFewer"] == 10  # the last worker is never spared

    counters.working("other")
    counters.sent(160)
    clock.now += 10
    now, fewer = published(caplog, counters, 240)
    assert (now["LoadPerTask"], fewer["LoadWithOneTaskFewer"]) == (1.5, 3)
    (directive,) = now["_aws"]["CloudWatchMetrics"]
    assert directive["Metrics"] == [{"Name": "LoadPerTask", "Unit": "None", "StorageResolution": 1}]
    assert directive["Dimensions"] == [["Environment"]]


def test_nothing_is_counted_unless_it_is_asked_for() -> None:
    url, redis = "http://127.0.0.1/q", "redis://127.0.0.1:1/0"
    for settings in (
        Settings(redis_url=redis, celery_queue_url=url),
        Settings(redis_url=redis, load_seconds_per_task=1),
        Settings(celery_queue_url=url, load_seconds_per_task=1),
    ):
        assert create_celery(settings).counters is None


def _forget(redis: str, prefix: str) -> None:
    with Redis.from_url(redis) as client:
        for key in client.scan_iter(f"{prefix}*"):
            client.delete(key)


def test_beat_publishes_what_senders_and_workers_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Use real processes: a worker counts its work, and beat publishes the load."""
    redis = require_redis()
    load = {"LOAD_SECONDS_PER_TASK": "0.5"}
    asked = {**load, "REDIS_URL": redis}
    with ExitStack() as stack:
        stand_in = stack.enter_context(running_in_thread())
        schedule = stack.enter_context(new_schedule())
        for name, value in {**stand_in.environment, **asked}.items():
            monkeypatch.setenv(name, value)
        app = create_celery(Settings())
        queue = app.settings.queue_name
        counted = app.counters
        assert counted is not None
        stack.callback(_forget, redis, f"amply:load:{queue}")
        message = OutboxMessage(id="m", task="amply.receipts.send", arguments={"donation_id": "d"})
        assert app.publish([message]) == {"m"}

        stack.enter_context(worker(stand_in, tmp_path, **asked))
        running = stack.enter_context(beat(stand_in, tmp_path, schedule, **load))
        line = json.loads(running.wait_for(lambda it: '"LoadPerTask"' in it))
        assert counted.workers() == 1
    assert 0 <= line["LoadPerTask"] < 1
