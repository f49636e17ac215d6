"""A proxy to PostgreSQL that can freeze: it accepts data and forwards none."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import make_url


class Way:
    """A proxy that forwards data both ways until it is frozen."""

    def __init__(self, database_url: str) -> None:
        self._server = make_url(database_url)
        self._open = asyncio.Event()
        self._open.set()

    def freeze(self) -> None:
        """Stop forwarding in both directions; both sides stay connected."""
        self._open.clear()

    def thaw(self) -> None:
        """Forward everything again, including what was held back."""
        self._open.set()

    async def connected(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Serve one client until either side disconnects."""
        await self._open.wait()
        server, forth = await asyncio.open_connection(self._server.host, self._server.port)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass_on(client, forth))
                both.create_task(self._pass_on(server, back))
        finally:
            back.close()

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while said := await source.read(65536):
                await self._open.wait()
                sink.write(said)
        except ConnectionError:  # cut off by whoever gave up waiting
            pass
        sink.close()


@asynccontextmanager
async def way_to(database_url: str) -> AsyncIterator[tuple[Way, str]]:
    """Yield a proxy that can freeze, and the database URL through it."""
    way = Way(database_url)
    async with await asyncio.start_server(way.connected, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        try:
            yield way, make_url(database_url).set(port=port).render_as_string(hide_password=False)
        finally:
            way.thaw()
