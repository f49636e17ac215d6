"""Limits in Redis, and the address that counts."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from fakeredis import FakeRedis, FakeServer
from fastapi import HTTPException, Request

from amply.api.http.limits import client_address, limit_address
from amply.base.settings import DEVELOPMENT, PRODUCTION
from amply.limits import UNLIMITED
from amply.limits.in_redis import RedisLimit, redis_for_limits

if TYPE_CHECKING:
    from amply.api.http.resources import Resources


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        return self.time


def limit(redis: FakeRedis, clock: Clock, most: int = 2) -> RedisLimit:
    return RedisLimit(redis, "card", most=most, seconds=60, now=clock)


def test_one_too_many_in_a_window() -> None:
    clock, redis = Clock(), FakeRedis()
    cards = limit(redis, clock)
    assert [cards.admits("a") for _ in range(3)] == [True, True, False]
    assert cards.admits("b")
    clock.time += 60
    assert cards.admits("a")
    assert not any(key.rpartition(b":")[2] == b"a" for key in redis.scan_iter())
    assert all(0 < redis.ttl(key) <= 60 for key in redis.scan_iter())


def test_all_are_admitted_while_redis_is_away_and_a_line_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, server = Clock(), FakeServer()
    cards = limit(FakeRedis(server=server), clock, most=1)
    assert cards.admits("a")
    server.connected = False
    assert [cards.admits("a") for _ in range(5)] == [True] * 5
    assert [line.message for line in caplog.records] == ["Limit not applied"]
    server.connected = True
    clock.time += 9.5  # left alone for ten seconds, though it answers again
    assert cards.admits("a")
    clock.time += 0.5
    assert not cards.admits("a")


def test_without_redis_nobody_is_limited() -> None:
    assert all(UNLIMITED.admits("a") for _ in range(100))


def test_nobody_waits_for_redis() -> None:
    options = redis_for_limits("redis://127.0.0.1:1/0").get_connection_kwargs()
    assert (options["socket_timeout"], options["socket_connect_timeout"]) == (0.25, 0.25)


def request_from(peer: str, forwarded: str | None) -> Request:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    return Request({"type": "http", "client": (peer, 1), "headers": headers})


@pytest.mark.parametrize(
    ("peer", "forwarded", "behind", "address"),
    [
        ("203.0.113.9", None, False, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", False, "203.0.113.9"),
        ("10.0.0.5", "198.51.100.1", True, "198.51.100.1"),
        ("10.0.0.5", "1.2.3.4, 198.51.100.1", True, "198.51.100.1"),
        ("10.0.0.5", "2001:db8:1:2:3:4:5:6", True, "2001:db8:1:2::"),
        ("10.0.0.5", "nonsense", True, None),
        ("10.0.0.5", None, True, "10.0.0.5"),
    ],
)
def test_the_address_that_the_balancer_saw(
    peer: str, forwarded: str | None, behind: bool, address: str | None
) -> None:
    assert client_address(request_from(peer, forwarded), behind_balancer=behind) == address


@pytest.mark.parametrize(
    ("environment", "peer", "forwarded", "limited"),
    [
        (PRODUCTION, "10.0.0.5", "198.51.100.1", "198.51.100.1"),
        (PRODUCTION, "10.0.0.5", "nonsense", None),
        (PRODUCTION, "127.0.0.1", None, None),
        (PRODUCTION, "::1", None, None),
        (DEVELOPMENT, "203.0.113.9", "198.51.100.1", "203.0.113.9"),
    ],
)
async def test_whom_an_exhausted_limit_keeps_out(
    environment: str, peer: str, forwarded: str | None, limited: str | None
) -> None:
    subjects: list[str] = []

    def refuse(subject: str) -> bool:
        subjects.append(subject)
        return False

    with ThreadPoolExecutor(1) as threads:
        resources = SimpleNamespace(
            settings=SimpleNamespace(environment=environment),
            addresses=SimpleNamespace(admits=refuse),
            threads=threads,
        )
        attempt = limit_address(request_from(peer, forwarded), cast("Resources", resources))
        if limited is None:
            await attempt
        else:
            with pytest.raises(HTTPException) as refusal:
                await attempt
            assert refusal.value.status_code == 429
            assert refusal.value.headers == {"Retry-After": "600"}
    assert subjects == ([limited] if limited else [])


async def test_whom_a_limit_admits_is_not_kept_out() -> None:
    with ThreadPoolExecutor(1) as threads:
        resources = SimpleNamespace(
            settings=SimpleNamespace(environment=PRODUCTION), addresses=UNLIMITED, threads=threads
        )
        await limit_address(request_from("203.0.113.9", None), cast("Resources", resources))
