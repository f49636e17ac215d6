"""Request bodies that arrive slowly or never: their time and number are limited."""

import asyncio

import pytest
from fastapi import HTTPException
from starlette.types import Message, Receive, Scope, Send

from amply.api.http import middleware
from amply.api.http.middleware import BodyLimit

SCOPE: Scope = {"type": "http", "headers": [(b"content-length", b"100")]}


async def _read(_: Scope, receive: Receive, __: Send) -> None:
    """Read the body, and then wait for the client to leave."""
    while (await receive()).get("more_body"):
        pass


async def _never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def _nothing(_: Message) -> None:
    raise AssertionError


async def _status(limit: BodyLimit, receive: Receive, scope: Scope = SCOPE) -> int:
    with pytest.raises(HTTPException) as refused:
        await limit(scope, receive, _nothing)
    assert refused.value.headers is not None
    assert refused.value.headers["Connection"] == "close"
    return refused.value.status_code


async def test_a_body_that_never_comes() -> None:
    assert await _status(BodyLimit(_read, seconds=0.01), _never) == 408


async def test_a_body_that_comes_byte_by_byte_has_no_longer() -> None:
    async def drip() -> Message:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b" ", "more_body": True}

    assert await _status(BodyLimit(_read, seconds=0.05), drip) == 408


async def test_a_body_of_unknown_length_too() -> None:
    scope = {**SCOPE, "headers": [(b"transfer-encoding", b"chunked")]}
    assert await _status(BodyLimit(_read, seconds=0.01), _never, scope) == 408


async def test_only_so_many_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "MOST_UNFINISHED_BODIES", 2)
    limit = BodyLimit(_read, seconds=60)
    waiting = [asyncio.create_task(limit(SCOPE, _never, _nothing)) for _ in range(2)]
    await asyncio.sleep(0)
    assert await _status(limit, _never) == 503
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert await _status(BodyLimit(_read, seconds=0.01), _never) == 408
    again = asyncio.create_task(limit(SCOPE, _never, _nothing))
    await asyncio.sleep(0)
    assert not again.done()
    again.cancel()


async def test_waiting_for_a_client_to_leave_is_not_waiting_for_a_body() -> None:
    messages: list[Message] = [{"type": "http.request", "body": b"{}", "more_body": False}]

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await asyncio.sleep(0.05)
        return {"type": "http.disconnect"}

    async def wait(_: Scope, receive: Receive, __: Send) -> None:
        await receive()
        assert (await receive())["type"] == "http.disconnect"

    await BodyLimit(wait, seconds=0.01)(SCOPE, receive, _nothing)
