"""A way to PostgreSQL that can freeze: it takes what is sent, and nothing comes of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import make_url


class Way:
    """Passes on, until it is frozen, what either side says."""

    def __init__(self, database_url: str) -> None:
        self._server = make_url(database_url)
        self._open = asyncio.Event()
        self._open.set()

    def freeze(self) -> None:
        """Neither side hears of the other from now on; both stay connected."""
        self._open.clear()

    def thaw(self) -> None:
        """Pass everything on, what was held back included."""
        self._open.set()

    async def connected(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Serve one client, to its end or ours."""
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
    """A way that can freeze, and the URL that leads along it."""
    way = Way(database_url)
    async with await asyncio.start_server(way.connected, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        try:
            yield way, make_url(database_url).set(port=port).render_as_string(hide_password=False)
        finally:
            way.thaw()
