"""HTTP on loopback for the page: its files, server-sent events, and operations behind buttons.

Another site in the same browser must not press the buttons: a request needs a host of loopback
(against DNS rebinding), and an operation needs a header that no form can set.
https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ops.base.errors import OpsError
from ops.local.page.history import INTERVAL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from ops.local.page.history import History

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADER = "X-Ops-Page"
_STATIC = Path(__file__).parent / "static"
_HOSTS = frozenset({"127.0.0.1", "localhost"})
_DECISIONS = 100  # the newest


class Page:
    """The page's server, from `start` to `stop`, in a thread of its own.

    :param setting: what does not change: names, addresses, the queue of each service
    :param read: returns the state of everything; called while somebody looks
    :param decisions: returns the decisions of the control plane, the oldest first
    :param operations: what the buttons do, by name
    """

    def __init__(
        self,
        setting: Mapping[str, Any],
        history: History,
        read: Callable[[], Mapping[str, Any]],
        decisions: Callable[[], list[dict[str, Any]]],
        operations: Mapping[str, Callable[..., Any]],
    ) -> None:
        self._setting = setting
        self._history = history
        self._read = read
        self._decisions = decisions
        self._operations = operations
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="page", daemon=True)
        self._ending = asyncio.Event()
        self.url = ""
        """The address of the page, once it is served."""

    def start(self, port: int) -> None:
        """Serve the page on a port of loopback, or on a free one if that is in use."""
        listening = _bind(port)
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._thread.start()
        self._run(self._begin(listening))

    def stop(self) -> None:
        """End all streams and close the port. Does nothing if nothing runs."""
        if self._thread.is_alive():
            self._run(self._end())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _begin(self, listening: socket.socket) -> None:
        application = web.Application(middlewares=[_only_from_here])
        application.router.add_get("/", self._index)
        application.router.add_get("/plotly.js", self._plotly)
        application.router.add_get("/events", self._events)
        application.router.add_post("/operations/{name}", self._operate)
        application.router.add_static("/static", _STATIC)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.SockSite(self._runner, listening).start()
        self._sampling = asyncio.create_task(self._sample())

    async def _end(self) -> None:
        self._ending.set()
        self._sampling.cancel()
        await asyncio.wait([self._sampling])
        await self._runner.cleanup()

    async def _sample(self) -> None:
        while True:
            self._history.sample()
            await asyncio.sleep(INTERVAL)

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(_STATIC / "index.html")

    async def _plotly(self, _request: web.Request) -> web.StreamResponse:
        return web.FileResponse(_plotly(), headers={"Cache-Control": "max-age=86400"})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Send everything, and then, every two seconds, the new points and the state."""
        stream = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await stream.prepare(request)
        await _send(stream, "setting", self._setting)
        sent = 0.0
        with contextlib.suppress(ConnectionResetError):
            while not self._ending.is_set():
                sent = await self._send_news(stream, sent)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._ending.wait(), INTERVAL)
        return stream

    async def _send_news(self, stream: web.StreamResponse, sent: float) -> float:
        """Send the state and the points after a time, and return the time of the last one."""
        try:
            state = await asyncio.to_thread(self._read)
        except Exception as error:  # noqa: BLE001 - shown on the page, which asks again
            await _send(stream, "fault", {"error": f"{type(error).__name__}: {error}"})
            return sent
        points = self._history.since(sent)
        decisions = self._decisions()[-_DECISIONS:]
        await _send(stream, "state", {**state, "points": points, "decisions": decisions})
        return float(points[-1]["time"]) if points else sent

    async def _operate(self, request: web.Request) -> web.StreamResponse:
        operation = self._operations.get(request.match_info["name"])
        if operation is None or HEADER not in request.headers:
            return web.json_response({"error": "There is no such operation."}, status=404)
        try:
            result = await asyncio.to_thread(operation, **await request.json())
        except OpsError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"result": result})


async def _send(stream: web.StreamResponse, event: str, data: Mapping[str, Any]) -> None:
    text = json.dumps(data, default=str)
    await stream.write(f"event: {event}\ndata: {text}\n\n".encode())


@web.middleware
async def _only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    if (request.url.host or "") not in _HOSTS:
        return web.Response(status=403, text="The page is served on loopback alone.")
    answer = await handler(request)
    if not answer.prepared:
        answer.headers["Content-Security-Policy"] = (
            # Plotly sets styles by itself.
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:"
        )
    return answer


def _plotly() -> Path:
    """Return Plotly's script without importing its package, which would take a tenth of
    a second.
    """
    package = find_spec("plotly")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("plotly")  # it is in the extra `local`
    return Path(package.origin).parent / "package_data" / "plotly.min.js"


def _bind(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError:
        return socket.create_server(("127.0.0.1", 0))
