"""Load on the public load balancer: the request that `local: load:` in `copilot/ops.yml` says."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import aiohttp

if TYPE_CHECKING:
    from ops.copilot.workspace import Load

_AT_ONCE = 20
_PATIENCE = aiohttp.ClientTimeout(total=60)
_NO_ANSWER = "no answer"


async def send(address: str, load: Load, count: int) -> dict[str, int]:
    """Send a request so many times, and return how many had each status, or no answer.

    `{id}` in headers and body is another text in each request.

    :param address: URL of the load balancer, without a path
    """
    waiting = asyncio.Semaphore(_AT_ONCE)

    async def one(session: aiohttp.ClientSession) -> str:
        unique = uuid4().hex
        async with waiting:
            try:
                async with session.request(
                    load.method,
                    f"{address}{load.path}",
                    headers=_filled(load.headers, unique),
                    json=_filled(load.body, unique),
                ) as answer:
                    await answer.read()
                    return str(answer.status)
            except (aiohttp.ClientError, TimeoutError):
                return _NO_ANSWER

    async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
        return dict(Counter(await asyncio.gather(*(one(session) for _ in range(count)))))


def _filled(value: Any, unique: str) -> Any:
    """Return a value of JSON with `{id}` replaced in its texts."""
    match value:
        case str():
            return value.replace("{id}", unique)
        case dict():
            return {key: _filled(item, unique) for key, item in value.items()}
        case list() | tuple():
            return [_filled(item, unique) for item in value]
        case _:
            return value
