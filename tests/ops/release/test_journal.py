"""The releases in Parameter Store: one at a time, taken over once, the newest kept."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from ops.aws.client import Aws
from ops.release.aws.journal import BusyError, Current, Journal, LostError, read_entries
from ops.release.decisions.record import State
from tests.ops.conftest import Ops
from tests.ops.release.records import BEGAN, record


@pytest.fixture
def client(aws: None) -> Aws:
    return Aws()


@pytest.fixture
def journal(client: Aws) -> Journal:
    return Journal(client, "shop", "prod")


def test_of_two_that_begin_at_once_one_is_refused(client: Aws, journal: Journal) -> None:
    ready = threading.Barrier(2, timeout=30)

    def begin(by: str) -> str:
        ready.wait()
        try:
            journal.begin(replace(record(("api",)), by=by))
        except BusyError as error:
            return str(error)
        return "begun"

    with client.writing(), ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(begin, ("ada", "bob")))
    [refused, begun] = answers
    assert begun == "begun"
    winner = journal.entries()[0].record.by
    assert f"v2, by {winner} on here" in refused


def test_who_was_taken_over_can_no_longer_write(client: Aws, journal: Journal) -> None:
    mine, other = record(("api",)), replace(record(("api",), number=8), by="bob")
    with client.writing():
        journal.begin(mine)
        current = Current(mine, journal)
        current.set(mine.at("deploying api"))
        assert [entry.record.step for entry in journal.entries()] == ["deploying api"]
        journal.begin(other)
        with pytest.raises(LostError, match="taken over by bob on here"):
            current.set(mine.at("smoke command"))
    assert [entry.record for entry in journal.entries()] == [other, mine.at("deploying api")]


def test_a_sign_of_life_is_written_in_between(
    client: Aws, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.release.aws.journal._BEAT", 0.01)
    store = boto3.client("ssm")
    name = "/ops/shop/prod/releases/00000007"
    with client.writing():
        journal.begin(record(("api",)))
        with journal.beating(Current(record(("api",)), journal)):
            while store.get_parameter(Name=name)["Parameter"]["Version"] < 3:
                pass
    assert journal.entries()[0].silence < timedelta(minutes=1)


def test_a_sign_of_life_notices_a_takeover_and_writes_no_more(
    client: Aws, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.release.aws.journal._BEAT", 0.01)
    mine, other = record(("api",)), replace(record(("api",), number=8), by="bob")
    current = Current(mine, journal)
    with client.writing():
        journal.begin(mine)
        with journal.beating(current):
            journal.begin(other)
            while current.lost is None:
                pass
            before = journal.entries()[1].silence
    with pytest.raises(LostError, match="taken over by bob on here"):
        current.require_ours()
    assert journal.entries()[1].silence >= before


def test_the_oldest_are_deleted(client: Aws, journal: Journal) -> None:
    with client.writing():
        for number in range(1, 34):
            journal.begin(record(("api",), number=number))
        journal.prune()
    numbers = [entry.record.number for entry in read_entries(client, "shop", "prod")]
    assert numbers == list(range(33, 3, -1))


def test_a_record_of_another_version_hides_no_other(client: Aws, journal: Journal) -> None:
    boto3.client("ssm").put_parameter(
        Name="/ops/shop/prod/releases/00000009", Value='{"number": 9}', Type="String"
    )
    with client.writing():
        journal.begin(record(("api",)))
    assert [entry.record.number for entry in journal.entries()] == [7]


def test_status_and_history_tell_the_releases(
    client: Aws, journal: Journal, ops: Ops, workspace: object
) -> None:
    assert ops("release", "status", "--env", "prod").out == "No release yet.\n"
    failed = record(("api",)).failing("api: it broke\n  container api exited with 1:")
    with client.writing():
        journal.begin(failed.ending(State.WENT_BACK, BEGAN))
        journal.begin(record(("api",), number=8).at("deploying api"))
    status = ops("release", "status", "--env", "prod")
    assert "#8 release of v2: releasing, deploying api, by ada" in status.out
    assert status.code == 0
    history = ops("release", "history", "--env", "prod").out.splitlines()
    assert len(history) == 2
    assert "#7 release of v2: went back, by ada" in history[1]
    assert history[1].endswith(": api: it broke")
    data = ops("release", "history", "--env", "prod", "--output", "json").data["releases"]
    assert [(each["number"], each["state"]) for each in data] == [
        (8, "releasing"),
        (7, "went back"),
    ]
    assert data[1]["workloads"] == [
        {"name": "api", "before": "v1", "after": "v2", "progress": "waiting"}
    ]
