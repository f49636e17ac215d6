"""One process: asyncio's side of it is freed, however its caller ends."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from ops.local.fargate.tasks.process import Process
from ops.local.fargate.tasks.reaper import Reaper
from tests.waiting import WAIT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAEMON = "import subprocess; subprocess.Popen(['sleep', '5'], start_new_session=True)"


@pytest.fixture
def reaper() -> Iterator[Reaper]:
    one = Reaper()
    yield one
    one.stop()


async def started(code: str, directory: Path, reaper: Reaper) -> Process:
    """Start a program, and wait for its exit."""
    process = await Process.start(
        [sys.executable, "-c", code], {}, directory, lambda _: None, reaper
    )
    await process.exited
    return process


@pytest.mark.parametrize("code", ["print('out')", DAEMON])
def test_a_caller_that_is_cancelled_leaves_nothing_open(
    code: str, tmp_path: Path, reaper: Reaper
) -> None:
    async def run() -> None:
        process = await started(code, tmp_path, reaper)
        waiting = asyncio.create_task(process.output_ended())
        await asyncio.sleep(0)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting

    asyncio.run(asyncio.wait_for(run(), WAIT))
    gc.collect()  # what is left open warns here, and a warning is an error


def test_a_caller_that_never_waits_leaves_nothing_open(tmp_path: Path, reaper: Reaper) -> None:
    async def run() -> None:
        left = weakref.ref(await started("print('out')", tmp_path, reaper))
        while left() is not None:  # until the output has ended
            await asyncio.sleep(0)
            gc.collect()  # as above

    asyncio.run(asyncio.wait_for(run(), WAIT))
