"""The relay: the API sends outbox messages in batches, and leaves to the sweep what it cannot."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import Session, sessionmaker

from amply.base.settings import Settings
from amply.database.engines import async_engine
from amply.outbox import relay as relays
from amply.outbox.models import OutboxMessage
from amply.outbox.relay import Relay

Sessions = sessionmaker[Session]


class Queue:
    """A queue that takes every message, until it is told to fail."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.fails = False

    def __call__(self, messages: Sequence[OutboxMessage]) -> set[str]:
        self.batches.append(len(messages))
        if self.fails:
            raise ConnectionError
        return {message.id for message in messages}


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """Return the engine of the API."""
    engine = async_engine(settings.database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the seconds of the pauses, which pass at once."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    replace_sleep(monkeypatch, pause)
    return pauses


def replace_sleep(
    monkeypatch: pytest.MonkeyPatch, sleep: Callable[[float], Awaitable[None]]
) -> None:
    """Replace it for the relay only: servers in other threads sleep as well."""
    monkeypatch.setattr(relays, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": sleep}))


def committed(sessions: Sessions, count: int) -> list[OutboxMessage]:
    messages = [OutboxMessage(task="amply.donations.charge", arguments={}) for _ in range(count)]
    with sessions(expire_on_commit=False) as session, session.begin():
        session.add_all(messages)
    return messages


def remaining(sessions: Sessions) -> int:
    with sessions() as session:
        return session.scalars(select(func.count()).select_from(OutboxMessage)).one()


def send(relay: Relay, messages: Sequence[OutboxMessage]) -> None:
    for message in messages:
        relay.send_soon(message)


async def test_ten_messages_cost_one_call_and_a_few_wait_a_moment_for_more(
    engine: AsyncEngine, sessions: Sessions, pauses: list[float]
) -> None:
    queue = Queue()
    relay = Relay(engine, queue)
    send(relay, committed(sessions, 20))
    await relay.idle()
    assert (queue.batches, pauses) == ([10, 10], [])
    send(relay, committed(sessions, 11))
    await relay.close()
    assert queue.batches == [10, 10, 10, 1]
    assert len(pauses) == 1
    assert 0 < pauses[0] < 0.1  # a donor's charge waits for it
    assert remaining(sessions) == 0


async def test_messages_that_arrive_during_the_pause_join_the_batch(
    engine: AsyncEngine, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue()
    relay = Relay(engine, queue)
    late = committed(sessions, 3)

    async def pause(_: float) -> None:
        send(relay, late)

    replace_sleep(monkeypatch, pause)
    send(relay, committed(sessions, 12))
    await relay.close()
    assert queue.batches == [10, 5]
    assert remaining(sessions) == 0


async def test_a_queue_that_fails_is_asked_once_and_again_for_the_next_donation(
    engine: AsyncEngine, sessions: Sessions, pauses: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    queue = Queue()
    queue.fails = True
    relay = Relay(engine, queue)
    send(relay, committed(sessions, 25))
    await relay.idle()
    assert (queue.batches, pauses, remaining(sessions)) == ([10], [], 25)
    [line] = [line for line in caplog.records if line.message == "Messages left for the sweep"]
    assert vars(line)["count"] == 25
    assert line.exc_info  # why
    queue.fails = False
    send(relay, committed(sessions, 1))
    await relay.close()
    assert (queue.batches, remaining(sessions)) == ([10, 1], 25)


async def test_more_than_memory_should_hold_is_left_to_the_sweep(
    engine: AsyncEngine, sessions: Sessions, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "_MOST_WAITING", 15)
    queue = Queue()
    relay = Relay(engine, queue)
    send(relay, committed(sessions, 17))
    await relay.close()
    assert (queue.batches, len(pauses), remaining(sessions)) == ([10, 5], 1, 2)


async def test_a_queue_that_hangs_does_not_hold_up_the_end_of_the_process(
    engine: AsyncEngine, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "_SECONDS_TO_FINISH", 0.01)
    answers = threading.Event()

    def hang(messages: Sequence[OutboxMessage]) -> set[str]:
        answers.wait(20)
        return {message.id for message in messages}

    relay = Relay(engine, hang)
    send(relay, committed(sessions, 1))
    started = time.monotonic()
    await relay.close()
    assert time.monotonic() - started < 10
    answers.set()
    monkeypatch.undo()
    await relay.idle()
    assert remaining(sessions) == 0
