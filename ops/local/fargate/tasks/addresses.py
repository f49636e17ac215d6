"""A loopback address for each task, as awsvpc gives each its own network interface.

A socket bound to the address reserves it: the kernel gives it to one process of the machine, and
frees it when that process dies. So neither concurrent nor killed runs conflict, and no state has to
be saved.
"""

from __future__ import annotations

import errno
import functools
import os
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from ops.local.fargate.errors import FargateError

if TYPE_CHECKING:
    from collections.abc import Iterable

NETWORK = "127.8"
RESERVING_PORT = 51678
"""The port of ECS's own agent, which no container can use either."""

OWN_INTERFACE = re.compile(r"(?<![\w.-])(?:0\.0\.0\.0|localhost|127\.0\.0\.1)(?![\w-]|\.\w)")


def put_address(text: str, address: str) -> str:
    """Return a command with the task's address in place of its own interface."""
    return OWN_INTERFACE.sub(address, text)


_ABOVE = 30_000


@functools.cache
def _first_open_port() -> int:
    """Return the first port that this process may bind.

    https://docs.kernel.org/networking/ip-sysctl.html#ip-variables
    """
    path = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    return int(path.read_text()) if os.geteuid() and path.is_file() else 0


def local_port(port: int) -> int:
    """Return the port of a stub: a higher one if this user may not bind the container's."""
    return port if port >= _first_open_port() else port + _ABOVE


class Addresses:
    """Allocates unused addresses of 127.8.0.0/16."""

    def __init__(self) -> None:
        self._reserved: dict[str, socket.socket] = {}

    def reserve(self, ports: Iterable[int]) -> str:
        """Return a free address on which each of the ports can be bound.

        Raise FargateError if this machine has none.
        """
        needed = tuple(ports)
        for number in range(1, 2**16 - 1):
            address = f"{NETWORK}.{number >> 8}.{number & 255}"
            if address in self._reserved:
                continue
            held = _bound(address, RESERVING_PORT)
            if held is None:
                continue
            if all(_free(address, port) for port in needed):
                self._reserved[address] = held
                return address
            held.close()
        raise FargateError(
            f"No address in {NETWORK}.0.0/16 has the ports {list(needed)} free",
            "A program listens on one of them on all addresses (0.0.0.0): stop it. If it is a "
            "container of this workspace, put the address into its command, as in `uvicorn "
            "app:app --host 0.0.0.0`: each task then gets an address of its own there.",
        )

    def release(self, address: str) -> None:
        """Release an address."""
        self._reserved.pop(address).close()

    def check(self) -> None:
        """Raise FargateError if this machine has no other loopback address."""
        self.release(self.reserve(()))


def _bound(address: str, port: int) -> socket.socket | None:
    """Return a socket bound to the address; None if another process holds it."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.bind((address, port))
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRNOTAVAIL:
            raise FargateError(
                f"This machine cannot bind {address}, and each task needs an address of its own",
                "By default, macOS has only 127.0.0.1. Run `for i in "
                f"$(seq 1 40); do sudo ifconfig lo0 alias {NETWORK}.0.$i up; done` once, or use "
                "a Linux machine.",
            ) from error
        return None
    return bound


def _free(address: str, port: int) -> bool:
    probe = _bound(address, port)
    if probe is None:
        return False
    probe.close()
    return True
