"""The outbox: the sweep sends what the API did not, and sent messages are deleted."""

from collections.abc import Sequence
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from amply.database.base import now
from amply.outbox.models import OutboxMessage
from amply.outbox.tasks import run_here, sweep
from tests.amply.support.clients import DONATION, post


def leave(sessions: sessionmaker[Session], *ages_in_seconds: int) -> None:
    with sessions.begin() as session:
        for age in ages_in_seconds:
            session.add(
                OutboxMessage(
                    id=f"{age} s old",
                    task="amply.donations.charge",
                    arguments={"donation_id": "don_1"},
                    created_at=now() - timedelta(seconds=age),
                )
            )


def left(sessions: sessionmaker[Session]) -> set[str]:
    with sessions() as session:
        return set(session.scalars(select(OutboxMessage.id)))


def test_what_was_left_behind_is_sent_oldest_first(sessions: sessionmaker[Session]) -> None:
    leave(sessions, 1, 60, 300)
    sent: list[str] = []

    def publish(messages: Sequence[OutboxMessage]) -> set[str]:
        sent.extend(message.id for message in messages)
        return set(sent)

    sweep(sessions, publish)
    assert sent == ["300 s old", "60 s old"]
    assert left(sessions) == {"1 s old"}


def test_the_sweep_sends_what_is_older_than_ten_seconds_and_counts_it(
    sessions: sessionmaker[Session],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    moment = now()
    monkeypatch.setattr("amply.outbox.tasks.now", lambda: moment)
    sweep(sessions, lambda _: set())
    assert not caplog.records
    ages = [timedelta(seconds=10), timedelta(seconds=10, milliseconds=1)]
    with sessions.begin() as session:
        for age in ages:
            message = OutboxMessage(id=str(age), task="amply.donations.charge", arguments={})
            message.created_at = moment - age
            session.add(message)
    sweep(sessions, lambda messages: {message.id for message in messages})
    assert left(sessions) == {str(ages[0])}
    [line] = caplog.records
    assert (line.message, vars(line)["count"]) == ("Messages sent that were left behind", 1)


def test_what_the_queue_does_not_take_is_kept(sessions: sessionmaker[Session]) -> None:
    leave(sessions, 60)

    def refuse(_: Sequence[OutboxMessage]) -> set[str]:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        sweep(sessions, refuse)
    assert left(sessions) == {"60 s old"}


def test_what_the_queue_took_is_not_sent_again(sessions: sessionmaker[Session]) -> None:
    leave(sessions, *range(60, 85))
    asked: list[int] = []

    def take_all_but_one(messages: Sequence[OutboxMessage]) -> set[str]:
        asked.append(len(messages))
        return {message.id for message in messages} - {"60 s old"}

    sweep(sessions, take_all_but_one)
    assert asked == [10, 10, 5]
    assert left(sessions) == {"60 s old"}


def test_what_the_queue_always_refuses_holds_up_nothing_else(
    sessions: sessionmaker[Session],
) -> None:
    leave(sessions, *range(300, 311), *range(60, 71))
    together = now() - timedelta(seconds=200)
    with sessions.begin() as session:  # as of one transaction: a batch ends in their midst
        for message in session.scalars(select(OutboxMessage)):
            message.created_at = max(message.created_at, together)
    asked: list[str] = []

    def take_the_young(messages: Sequence[OutboxMessage]) -> set[str]:
        asked.extend(message.id for message in messages)
        return {message.id for message in messages if message.created_at > together}

    sweep(sessions, take_the_young)
    assert len(asked) == len(set(asked)) == 22
    assert left(sessions) == {f"{age} s old" for age in range(300, 311)}


async def test_a_donation_is_taken_though_the_queue_is_down(
    client: httpx.AsyncClient,
    app: FastAPI,
    sessions: sessionmaker[Session],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: Sequence[OutboxMessage]) -> set[str]:
        raise ConnectionError

    relay = app.state.resources.relay
    monkeypatch.setattr(relay, "_publish", refuse)
    answer = await post(client, DONATION, headers={"X-Request-ID": "req_1"})
    await relay.idle()

    assert answer.status_code == 201
    with sessions() as session:
        (message,) = session.scalars(select(OutboxMessage)).all()
    assert message.arguments == {"donation_id": answer.json()["id"]}
    assert message.request_id == "req_1"


async def test_a_message_that_was_sent_is_deleted(
    client: httpx.AsyncClient, app: FastAPI, sessions: sessionmaker[Session]
) -> None:
    await post(client, DONATION)
    await app.state.resources.relay.idle()
    assert left(sessions) == set()


async def test_what_the_queue_refuses_of_a_batch_is_kept(
    client: httpx.AsyncClient,
    app: FastAPI,
    sessions: sessionmaker[Session],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    relay = app.state.resources.relay
    monkeypatch.setattr(relay, "_publish", lambda _: set())
    await post(client, DONATION)
    await relay.idle()
    assert len(left(sessions)) == 1


@pytest.mark.parametrize("fails", [False, True])
def test_a_message_is_taken_back_only_after_its_task_has_run(
    sessions: sessionmaker[Session], fails: bool
) -> None:
    leave(sessions, 1)
    with sessions() as session:
        (message,) = session.scalars(select(OutboxMessage)).all()

    def run() -> None:
        assert left(sessions) == {"1 s old"}
        if fails:
            raise ConnectionError

    run_here(sessions, message, run)
    assert left(sessions) == ({"1 s old"} if fails else set())
