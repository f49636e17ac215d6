"""HTTP load: several connections, each of which sends its next request after an answer."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from uuid import uuid4

_BODY = json.dumps(
    {
        "amount": 5000,
        "currency": "EUR",
        "donor_name": "Ada King",
        "donor_email": "ada@example.org",
        "payment_method": "pm_card_visa",
    }
).encode()


@dataclass
class Measured:
    """The results of one server: answers, seconds, CPU time and latencies."""

    answers: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    @property
    def cpu(self) -> float:
        """Return the server's CPU time for an answer, in milliseconds. Other processes hardly
        affect it.
        """
        return 1000 * self.cpu_seconds / self.answers

    def percentile(self, share: float) -> float:
        """The latency that this share of the answers stayed below, in milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def load(port: int, connections: int, seconds: float, into: Measured) -> None:
    """Post donations for some seconds. Raises RuntimeError at any answer that is not a 201."""
    end = time.perf_counter() + seconds
    started = time.perf_counter()
    await asyncio.gather(*(_one_connection(port, end, into) for _ in range(connections)))
    into.seconds += time.perf_counter() - started


async def _one_connection(port: int, end: float, into: Measured) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < end:
        began = time.perf_counter()
        writer.write(_request())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 201"):
            raise RuntimeError(f"Answered {head.splitlines()[0]!r}: {body[:300]!r}")
        into.answers += 1
        into.latencies.append(time.perf_counter() - began)
    writer.close()


def _request() -> bytes:
    head = (
        "POST /donations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: {uuid4()}\r\nContent-Length: {len(_BODY)}\r\n\r\n"
    )
    return head.encode() + _BODY
