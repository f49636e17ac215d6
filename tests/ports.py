"""Ports on loopback: a free one, and whether a port is in use."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

# Below the range from which Linux takes the ports of outgoing connections: one of those could sit
# on the port before its server is there, or while it is being started again.
_PORTS = range(15_000, 30_000)


def free_port() -> int:
    """Return a free port of 127.0.0.1."""
    while True:
        port = random.SystemRandom().choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def listens(port: int) -> bool:
    """Return whether a process listens on a port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
