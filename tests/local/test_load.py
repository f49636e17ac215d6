"""The load that a workspace describes."""

from __future__ import annotations

import socket

from aiohttp import web

from ops.copilot.workspace import Load
from ops.local.load import send


async def test_each_request_has_a_text_of_its_own() -> None:
    seen: list[tuple[str, str]] = []

    async def answer(request: web.Request) -> web.Response:
        body = await request.json()
        seen.append((request.headers["Idempotency-Key"], body["order"]["names"][0]))
        return web.Response(status=201 if body["amount"] == 5 else 500)

    application = web.Application()
    application.router.add_post("/orders", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    listening = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listening).start()
    load = Load(
        path="/orders",
        headers={"Idempotency-Key": "{id}"},
        body={"amount": 5, "order": {"names": ["order {id}"]}},
    )
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    assert await send(address, load, 30) == {"201": 30}
    await runner.cleanup()
    assert len({key for key, _ in seen}) == 30
    assert all(text == f"order {key}" for key, text in seen)


async def test_a_load_balancer_that_is_not_there_gives_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    assert await send(f"http://127.0.0.1:{port}", Load(path="/"), 2) == {"no answer": 2}
