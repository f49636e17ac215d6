"""An SQS that fails, and a slow connection to Stripe that loses answers."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from tests.amply.support.queue.sqs_stand_in import Broken, Fault, Refusal, StandIn

_REFUSALS = (
    Refusal(500, "InternalFailure"),
    Refusal(503, "ServiceUnavailable"),
    Refusal(400, "RequestThrottled"),
)


class FaultySqs(StandIn):
    """An SQS that fails a share of all calls and delivers some messages twice, as SQS may.

    A call fails with an error, or its connection is closed before or after it was carried out:
    the caller cannot tell which.
    """

    def __init__(self, visibility_timeout: float, dice: random.Random, share: float = 0.1) -> None:
        super().__init__(visibility_timeout)
        self.failed: Counter[str] = Counter()
        self.doubled = 0
        self._dice = dice
        self._share = share

    def _note(self, operation: str) -> Fault | None:
        told = super()._note(operation)
        if told or self._dice.random() >= self._share * 0.8:
            return told
        fault = self._dice.choice((*_REFUSALS, Broken.DROP))
        self.failed[fault.code if isinstance(fault, Refusal) else "dropped"] += 1
        return fault

    async def _answer(
        self, operation: str, parameters: dict[str, Any], fault: Fault | None
    ) -> bytes:
        answer = await super()._answer(operation, parameters, fault)
        if fault is None and self._dice.random() < self._share * 0.2:
            self.failed["answer lost"] += 1
            raise ConnectionAbortedError
        return answer

    async def _SendMessage(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if self._dice.random() < 0.05:
            self.doubled += 1
            await super()._SendMessage(asked)
        return await super()._SendMessage(asked)

    async def _SendMessageBatch(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        taken, failed = self._parts(asked)
        return {**await super()._SendMessageBatch(taken), "Failed": failed}

    async def _DeleteMessageBatch(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        taken, failed = self._parts(asked)
        answer = await super()._DeleteMessageBatch(taken)
        return {**answer, "Failed": [*answer["Failed"], *failed]}

    def _parts(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return a batch without the entries that fail, and the answers to those."""
        refused = [entry for entry in asked["Entries"] if self._dice.random() < self._share * 0.2]
        self.failed["part of a batch"] += len(refused)
        taken = [entry for entry in asked["Entries"] if entry not in refused]
        told = {"SenderFault": False, "Code": "InternalFailure"}
        return {**asked, "Entries": taken}, [{"Id": entry["Id"], **told} for entry in refused]


class SlowWire:
    """A proxy that delays a server's answers and loses some."""

    def __init__(self, to_port: int, dice: random.Random) -> None:
        self.lost = 0
        self.refused = 0
        self._is_cut = False
        self.port = 0
        self._to_port = to_port
        self._dice = dice
        self._open: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen on `port` for the length of a block."""
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for writer in self._open:
                writer.transport.abort()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Refuse connections for the length of a block; `refused` counts them."""
        self._is_cut = True
        for writer in self._open:
            writer.transport.abort()
        try:
            yield
        finally:
            self._is_cut = False

    async def _talk(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        if self._is_cut:
            self.refused += 1
            to_client.transport.abort()
            return
        server, to_server = await asyncio.open_connection("127.0.0.1", self._to_port)
        both = (to_client, to_server)
        self._open.update(both)
        passing = (
            asyncio.create_task(self._pass_on(client, to_server)),
            asyncio.create_task(self._pass_back(server, to_client)),
        )
        with suppress(asyncio.CancelledError):  # at the end of a run
            await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
        for task in passing:
            task.cancel()
        for writer in both:
            writer.close()
        self._open.difference_update(both)

    async def _pass_on(self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while asked := await client.read(65_536):
                to_server.write(asked)

    async def _pass_back(
        self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while said := await server.read(65_536):
                await asyncio.sleep(self._dice.uniform(0.1, 0.7))
                if self._dice.random() < 0.02:
                    self.lost += 1
                    break
                to_client.write(said)
