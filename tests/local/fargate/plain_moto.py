"""An unchanged moto, in its own process."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.local.fargate.world import Apis
from tests.ports import free_port, listens
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def plain_moto() -> Iterator[Apis]:
    """Yield clients of a moto with none of its gaps closed."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-p", str(port), "-H", "127.0.0.1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={k: v for k, v in os.environ.items() if not k.startswith("MOTO_")},
    )
    try:
        until("moto listens", lambda: listens(port))
        yield Apis(f"http://127.0.0.1:{port}")
    finally:
        server.kill()
        server.wait()
