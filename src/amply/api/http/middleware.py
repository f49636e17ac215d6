"""The middleware of every request: its identifier, its log line, a limit of its body, and a last
error handler.
"""

import asyncio
import logging
import re
import secrets
from time import perf_counter

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from amply.api.http.problems import problem
from amply.base.logs import bound

logger = logging.getLogger("amply.api.access")

LARGEST_BODY = 64 * 1024

MOST_UNFINISHED_BODIES = 1_000
"""As many requests of a process may wait for their body at a time."""
_SECONDS_FOR_BODY = 10.0
_CLOSE = {"Connection": "close"}  # else the rest of the body would keep the connection
_BUSY = {**_CLOSE, "Retry-After": "1"}

_HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9_.\-]{1,64}")  # fit for a log line and a database column
_QUIET = frozenset({"/health", "/health/live"})  # asked for every few seconds by three checkers


class RequestContext:
    """Take the request's identifier from its header or create one; bind, log and return it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; only HTTP requests are changed."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _identifier(Headers(scope=scope).get(_HEADER))
        with bound(request_id=request_id):
            await self._handle(scope, receive, send, request_id)

    async def _handle(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        status: int | None = None
        started = perf_counter()

        async def send_with_identifier(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[_HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_identifier)
        except ClientDisconnect:  # no fault of ours, and nobody is left to answer
            logger.info("Client gone before its request was read")
        except Exception:
            logger.exception("Request failed")
            if status is None:
                answer = problem(500, "Internal error; the request_id finds it in our logs")
                await answer(scope, receive, send_with_identifier)
        finally:
            _log_access(scope, status, perf_counter() - started)


class BodyLimit:
    """Refuse a body that is larger than `LARGEST_BODY` bytes, or that arrives too slowly.

    An endless body would delay the shutdown; thousands would fill the memory. Raise HTTPException
    (408, 413, 503) to the reader.
    """

    def __init__(self, app: ASGIApp, seconds: float = _SECONDS_FOR_BODY) -> None:
        self._app = app
        self._seconds = seconds
        self._unfinished = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection; only HTTP requests are changed."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("Content-Length", "0")
        announced = int(length) if length.isdecimal() else 0
        counted = 0
        is_whole = announced == 0 and "Transfer-Encoding" not in Headers(scope=scope)
        deadline = asyncio.get_running_loop().time() + self._seconds

        async def receive_within_bounds() -> Message:
            nonlocal counted, is_whole
            if is_whole:
                return await receive()
            message = await self._before(deadline, receive)
            counted += len(message.get("body", b""))
            if max(announced, counted) > LARGEST_BODY:
                detail = f"The body is larger than {LARGEST_BODY} bytes"
                raise HTTPException(413, detail, _CLOSE)
            is_whole = not message.get("more_body", False)
            return message

        await self._app(scope, receive_within_bounds, send)

    async def _before(self, deadline: float, receive: Receive) -> Message:
        if self._unfinished >= MOST_UNFINISHED_BODIES:
            raise HTTPException(503, "Too many requests arrive slowly; try again", _BUSY)
        self._unfinished += 1
        try:
            async with asyncio.timeout_at(deadline):
                return await receive()
        except TimeoutError:
            seconds = f"{self._seconds:g}"
            detail = f"The body took longer than {seconds} seconds"
            raise HTTPException(408, detail, _CLOSE) from None
        finally:
            self._unfinished -= 1


def _identifier(given: str | None) -> str:
    if given is not None and _WELL_FORMED.fullmatch(given):
        return given
    return f"req_{secrets.token_hex(8)}"


def _log_access(scope: Scope, status: int | None, seconds: float) -> None:
    # Never the query string, nor the address: they may say who the donor is.
    logger.log(
        logging.DEBUG if scope["path"] in _QUIET else logging.INFO,
        "Request handled",
        extra={
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
        },
    )
