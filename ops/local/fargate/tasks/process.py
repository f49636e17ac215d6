"""One process in its own session: its output, its exit, and its shutdown."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING, cast

from ops.local.fargate.errors import Failure
from ops.local.fargate.tasks.reaper import kill_group

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ops.local.fargate.tasks.reaper import Reaper

OUTPUT_AFTER_EXIT = 2.0
"""Seconds to wait for the end of the output of a process that has exited."""


class Process(asyncio.SubprocessProtocol):
    """A running command. `exited` yields its exit code in a container's form: 137 is SIGKILL."""

    def __init__(self, output: Callable[[bytes], None]) -> None:
        self._output = output
        self._transport: asyncio.SubprocessTransport
        self.pid = 0
        """The process, and the group and session that it leads."""
        self.exited: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._silent = asyncio.Event()

    @classmethod
    async def start(
        cls,
        argv: Sequence[str],
        environment: Mapping[str, str],
        directory: Path,
        output: Callable[[bytes], None],
        reaper: Reaper,
    ) -> Process:
        """Start the command; standard error is merged into standard output.

        Raise Failure if the command does not exist.
        """
        process = cls(output)
        try:
            await asyncio.get_running_loop().subprocess_exec(
                lambda: process,
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env=dict(environment),
                cwd=directory,
                start_new_session=True,
            )
        except (FileNotFoundError, PermissionError) as error:
            raise Failure(
                f"CannotStartContainerError: unable to start container process: exec: "
                f'"{argv[0]}": {error.strerror} (looked for in {environment.get("PATH")})'
            ) from error
        reaper.began(process.pid)
        process.exited.add_done_callback(lambda _: reaper.ended(process.pid))
        return process

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep asyncio's transport."""
        self._transport = cast("asyncio.SubprocessTransport", transport)
        self.pid = self._transport.get_pid()

    def pipe_data_received(self, fd: int, data: bytes) -> None:  # noqa: ARG002 - asyncio's
        """Pass on output."""
        self._output(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002
        """Record the end of the output."""
        self._silent.set()
        self._close_when_over()

    def process_exited(self) -> None:
        """Kill the remaining processes, because a container ends with its first process."""
        kill_group(self.pid)
        code = self._transport.get_returncode() or 0
        if not self.exited.done():
            self.exited.set_result(code if code >= 0 else 128 - code)
        self._close_when_over()

    def _close_when_over(self) -> None:
        """Free asyncio's transport here, because a caller may be cancelled before it can."""
        if self.exited.done() and self._silent.is_set():
            self._transport.close()

    async def output_ended(self) -> None:
        """Wait until all output has been passed on, within a limit, because a daemon may hold the
        pipe.
        """
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(OUTPUT_AFTER_EXIT):
                    await self._silent.wait()
        finally:
            self._transport.close()

    async def stop(self, timeout: float) -> int:  # noqa: ASYNC109 - it ends in SIGKILL
        """Send SIGTERM, and after `timeout` seconds SIGKILL, to the whole group; return the
        code.
        """
        if not self.exited.done():
            with contextlib.suppress(ProcessLookupError):
                self._transport.send_signal(signal.SIGTERM)
            await asyncio.wait([self.exited], timeout=timeout)
        if not self.exited.done():
            kill_group(self.pid)
        return await self.exited
