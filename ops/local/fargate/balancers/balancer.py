"""A small Application Load Balancer: one plain HTTP port of loopback for each load balancer.

It follows the listener's own rules and serves healthy targets, or unhealthy ones if no target is
healthy. It answers 503 if there is no target that can be served, 502 if the target breaks, 504 if
it is silent for a minute. A new connection to the target is made for each request, so no
request meets a connection that the target was about to close. WebSockets are not passed on.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/introduction.html
"""

from __future__ import annotations

import contextlib
import random
import secrets
import time
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from ops.local.fargate.balancers.requests import Answer
from ops.local.fargate.balancers.routing import Request, redirect_location, route, weighted_groups

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable, Mapping

    from ops.local.fargate.balancers.routing import Rule
    from ops.local.fargate.balancers.targets import Target, Targets

IDLE = 60.0
"""Seconds of silence before a target is given up: the load balancer's default idle timeout."""

HOP_BY_HOP = frozenset(
    (
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect",
    )
)  # fmt: skip
"""Headers that concern one connection (RFC 9110, 7.6.1), and `Expect`, answered here."""


class Balancer:
    """A server on one socket.

    :param rules: returns the rules for each request
    :param answered: called with each answer of a target, and each error of the load balancer's own
    """

    def __init__(
        self,
        bound: socket.socket,
        rules: Callable[[], Iterable[Rule]],
        targets: Targets,
        answered: Callable[[Answer], None],
    ) -> None:
        self._socket = bound
        self._answered = answered
        self._rules = rules
        self._targets = targets
        self._port: int = bound.getsockname()[1]
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=IDLE),
            auto_decompress=False,
        )

    @property
    def url(self) -> str:
        """Return the URL of the listener."""
        host, port = self._socket.getsockname()
        return f"http://{host}:{port}"

    async def start(self) -> None:
        """Begin to serve."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(
            application, access_log=None, handle_signals=False, shutdown_timeout=1.0
        )
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket).start()

    async def stop(self) -> None:
        """Close the port."""
        await self._runner.cleanup()
        await self._session.close()
        self._socket.close()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        seen = _seen(request)
        action = route(self._rules(), seen)
        match action and action["Type"]:
            case "forward":
                return await self._forward(request, weighted_groups(action or {}))
            case "fixed-response":
                config = (action or {})["FixedResponseConfig"]
                return web.Response(
                    status=int(config["StatusCode"]),
                    text=config.get("MessageBody") or "",
                    content_type=config.get("ContentType") or "text/plain",
                )
            case "redirect":
                config = (action or {})["RedirectConfig"]
                location = redirect_location(config, seen, self._port)
                status = int(config["StatusCode"].removeprefix("HTTP_"))
                return web.Response(status=status, headers={"Location": location})
            case _:
                return self._error(503, "Service Temporarily Unavailable", None)

    async def _forward(self, request: web.Request, groups: Mapping[str, int]) -> web.StreamResponse:
        served = {group: weight for group, weight in groups.items() if weight > 0}
        chosen = random.choices(list(served), list(served.values())) if served else []  # noqa: S311
        target = self._targets.pick(chosen[0]) if chosen else None
        if target is None:
            return self._error(503, "Service Temporarily Unavailable", None)
        with target:
            try:
                return await self._pass_on(request, target, chosen[0])
            except TimeoutError:
                return self._error(504, "Gateway Time-out", chosen[0])
            except (aiohttp.ClientError, ConnectionError):
                return self._error(502, "Bad Gateway", chosen[0])

    def _error(self, status: int, reason: str, group: str | None) -> web.Response:
        """Return a page of the load balancer's own, and count it."""
        self._answered(Answer(status, group=group))
        return _page(status, reason)

    async def _pass_on(
        self, request: web.Request, target: Target, group: str
    ) -> web.StreamResponse:
        """Send the request to the target, and stream its answer back.

        Raise aiohttp's errors if no part of the answer has been sent.
        """
        started = time.monotonic()
        async with self._session.request(
            request.method,
            URL(f"http://{target.address}:{target.local_port}{request.raw_path}", encoded=True),
            headers=self._request_headers(request),
            data=request.content if request.can_read_body else None,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            allow_redirects=False,
        ) as answer:
            seconds = time.monotonic() - started
            self._answered(Answer(answer.status, seconds, group, is_targets=True))
            response = web.StreamResponse(
                status=answer.status, reason=answer.reason, headers=_end_to_end(answer.headers)
            )
            await response.prepare(request)
            try:
                async for piece in answer.content.iter_any():
                    await response.write(piece)
                await response.write_eof()
            except (aiohttp.ClientError, ConnectionError, TimeoutError):
                # Half an answer must not look whole: the client sees the connection break.
                if request.transport is not None:
                    request.transport.abort()
        return response

    def _request_headers(self, request: web.Request) -> CIMultiDict[str]:
        """Return the client's headers, and those that a load balancer adds.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
        """
        headers = _end_to_end(request.headers)
        before = headers.popall("X-Forwarded-For", [])
        headers["X-Forwarded-For"] = ", ".join([*before, request.remote or ""])
        headers["X-Forwarded-Proto"] = "http"
        headers["X-Forwarded-Port"] = str(self._port)
        headers.setdefault(
            "X-Amzn-Trace-Id", f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}"
        )
        return headers


def _seen(request: web.Request) -> Request:
    headers: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        headers.setdefault(name.lower(), []).append(value)
    return Request(
        method=request.method,
        host=request.host.partition(":")[0],
        path=request.rel_url.raw_path,
        query=tuple(request.query.items()),
        headers=headers,
        source=request.remote or "127.0.0.1",
    )


def _end_to_end(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """Return the headers without hop-by-hop ones."""
    kept: CIMultiDict[str] = CIMultiDict(headers)
    named = {name.strip().lower() for name in kept.get("Connection", "").split(",")}
    for name in HOP_BY_HOP | named:
        with contextlib.suppress(KeyError):
            kept.popall(name)
    return kept


def _page(status: int, reason: str) -> web.Response:
    """Return an error page of the load balancer, in AWS's form."""
    title = f"{status} {reason}"
    return web.Response(
        status=status,
        reason=reason,
        content_type="text/html",
        headers={"Server": "awselb/2.0"},
        text=f"<html>\r\n<head><title>{title}</title></head>\r\n"
        f"<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n",
    )
