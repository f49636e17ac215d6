"""The backend on a laptop, with a PostgreSQL and a Redis that go away, and while it is deployed.

What is away is away for as long as in docs/decisions/0033-what-replaces-a-task.md, in real time:
the checks that replace a task run by it.
"""

from __future__ import annotations

import shutil
import signal
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.amply.support.services import absent
from tests.chaos.stage.servers import NotHere, PostgreSQL, Redis, running_servers
from tests.e2e.laptop import PATIENCE, READY, ROOT, Laptop, ops, read_until_ready
from tests.ports import free_port
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.stories, pytest.mark.timeout(1500)]

REDIS_SECONDS = 330.0
DATABASE_SECONDS = 60.0
LOCK_SECONDS = 30.0
REQUESTS = 1000
ALL = ("api", "worker", "beat")
DONATION = {"amount": 5000, "currency": "EUR", "payment_method": "pm_card_visa"}


@dataclass
class Donors:
    """Donors who give one after the other, and the answers they had."""

    url: str
    pause: float
    answers: Counter[str] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def give(self) -> None:
        with httpx.Client(base_url=self.url, timeout=60) as http:
            while not self.ended.wait(self.pause):
                key = str(uuid4())
                body = {**DONATION, "donor_email": f"{key}@example.org"}
                headers = {"Idempotency-Key": key}
                try:
                    answer = http.post("/donations", json=body, headers=headers)
                except httpx.TransportError as error:
                    self.answers[type(error).__name__] += 1
                    continue
                self.answers[str(answer.status_code)] += 1
                if answer.status_code == 201:
                    self.accepted.append(answer.json()["id"])


@dataclass
class Backend:
    """`prod` on a laptop, and the servers that it depends on."""

    laptop: Laptop
    database: PostgreSQL
    redis: Redis

    def tasks(self, *services: str) -> dict[str, set[str]]:
        return {name: set(self.laptop.tasks(name)) for name in services}

    @contextmanager
    def donors(self, pause: float, number: int = 4) -> Iterator[Donors]:
        """Have donors give inside the block."""
        donors = Donors(f"http://127.0.0.1:{self.laptop.port}", pause)
        threads = [threading.Thread(target=donors.give) for _ in range(number)]
        for thread in threads:
            thread.start()
        try:
            yield donors
        finally:
            donors.ended.set()
            for thread in threads:
                thread.join()

    def assert_charged_once(self, donors: Donors) -> None:
        """Wait until every donation that was accepted is charged; look at Stripe and the mails."""
        left = list(donors.accepted)

        def unsettled() -> list[str]:
            left[:] = [one for one in left if self._status(one) != "succeeded"]
            return left

        until("every accepted donation succeeds", lambda: not unsettled(), 2 * PATIENCE)
        number = str(len(donors.accepted))
        self.laptop.run("python", "copilot/gameday/charged_once.py", number)

    def _status(self, donation_id: str) -> str:
        _, donation = self.laptop.ask(f"/donations/{donation_id}")
        return str(donation["status"])


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    try:
        with running_servers() as (database, redis):
            root = tmp_path_factory.mktemp("backend")
            shutil.copytree(ROOT / "copilot", root / "copilot")
            yield from running(Laptop(root, free_port()), database, redis)
    except NotHere as error:
        absent(str(error), error)
        raise


def running(laptop: Laptop, database: PostgreSQL, redis: Redis) -> Iterator[Backend]:
    process = laptop.up("prod", DATABASE_URL=database.url, REDIS_URL=redis.url)
    printed = read_until_ready(process)
    assert READY in printed, printed
    yield Backend(laptop, database, redis)
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, rest


@contextmanager
def away(server: PostgreSQL | Redis) -> Iterator[None]:
    """Stop a server for the length of the block."""
    server.stop()
    try:
        yield
    finally:
        server.start()


def test_redis_is_away(backend: Backend) -> None:
    before = backend.tasks("api", "worker")
    with backend.donors(pause=1.0) as donors, away(backend.redis):
        time.sleep(REDIS_SECONDS)
    assert donors.answers.keys() == {"201"}
    assert backend.tasks("api", "worker") == before
    until("beat is back", lambda: len(backend.laptop.tasks("beat")) == 1, PATIENCE)
    backend.assert_charged_once(donors)


def test_the_database_fails_over(backend: Backend) -> None:
    before = backend.tasks(*ALL)
    with backend.donors(pause=1.0) as donors:
        with away(backend.database):
            time.sleep(DATABASE_SECONDS)
        back = len(donors.accepted)
        until("donations are accepted again", lambda: len(donors.accepted) > back + 20, PATIENCE)
    assert donors.answers.keys() == {"201", "503"}
    assert backend.tasks(*ALL) == before
    backend.assert_charged_once(donors)


def test_a_table_is_locked(backend: Backend) -> None:
    before = backend.tasks(*ALL)
    healths = Counter[str]()
    with (
        backend.donors(pause=0.2, number=16) as donors,
        psycopg.connect(backend.database.url) as connection,
    ):
        connection.execute("LOCK TABLE donations IN ACCESS EXCLUSIVE MODE")
        unlock = time.monotonic() + LOCK_SECONDS
        while time.monotonic() < unlock:
            healths[str(backend.laptop.ask("/health"))] += 1
            time.sleep(1.0)
    # The database answers: it is not reported as an outage.
    assert healths.keys() == {str((200, {"status": "healthy"}))}
    assert donors.answers.keys() <= {"201", "503"}
    assert backend.tasks(*ALL) == before
    backend.assert_charged_once(donors)


def test_a_deployment_loses_no_request(backend: Backend) -> None:
    before = set(backend.laptop.tasks("api"))
    speed = ops("local", "clock", "--speed")
    with backend.donors(pause=0.02) as donors:
        backend.laptop.run(*speed, "60")  # it bakes for minutes of the control plane
        backend.laptop.run(*ops("restart", "api", "--env", "prod", "--yes"))
        backend.laptop.run(*speed, "1")
        until("so many have given", lambda: donors.answers.total() >= REQUESTS, PATIENCE)
    assert donors.answers.keys() == {"201"}
    assert not before & set(backend.laptop.tasks("api"))
    backend.assert_charged_once(donors)
