"""The way of Stripe's events to the APIs: some are lost, late, doubled or out of order."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.ports import free_port

_PATH = "/webhooks/stripe"
_LATEST_SECONDS = 2.0
_DOUBLED = 0.05
_TIMEOUT_SECONDS = 8.0  # less than Stripe waits


class LossyHooks:
    """Receives Stripe's events and hands them to one of the APIs, or to none.

    An event that is lost is answered as if it had arrived: Stripe does not send it again.
    """

    def __init__(self, ports: Sequence[int], dice: random.Random, lost: float) -> None:
        self.delivered = 0
        self.lost = 0
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}{_PATH}"
        self._ports = ports
        self._dice = dice
        self._share = lost
        self._fate: dict[str, bool] = {}  # of each event, whether it is lost

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """On `port`, for the length of a block."""
        app = Starlette(routes=[Route(_PATH, self._receive, methods=["POST"])])
        config = uvicorn.Config(app, port=self.port, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as self._http:
            serving = asyncio.create_task(server.serve())
            try:
                yield
            finally:
                server.should_exit = server.force_exit = True
                with suppress(asyncio.CancelledError):
                    await serving

    async def _receive(self, request: Request) -> Response:
        body = await request.body()
        event_id = json.loads(body)["id"]
        is_lost = self._fate.setdefault(event_id, self._dice.random() < self._share)
        if is_lost:
            self.lost += 1
            return Response(status_code=200)
        await asyncio.sleep(self._dice.uniform(0, _LATEST_SECONDS))
        name = "Stripe-Signature"
        headers = {name: request.headers[name], "Content-Type": "application/json"}
        copies = 2 if self._dice.random() < _DOUBLED else 1
        statuses = await asyncio.gather(*(self._hand_on(body, headers) for _ in range(copies)))
        self.delivered += min(statuses) < 300
        return Response(status_code=max(statuses))

    async def _hand_on(self, body: bytes, headers: dict[str, str]) -> int:
        url = f"http://127.0.0.1:{self._dice.choice(self._ports)}{_PATH}"
        try:
            answer = await self._http.post(url, content=body, headers=headers)
        except httpx.TransportError:
            return 503
        return answer.status_code
