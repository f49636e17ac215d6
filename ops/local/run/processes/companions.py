"""Additional processes of a workspace, in place of services in AWS or on the internet."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ops.base.errors import OpsError
from ops.local.fargate.tasks.reaper import Reaper, kill_group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ops.copilot.workspace import Companion
    from ops.local.run.processes.stop import Stop

_PATIENCE = 15.0
"""Seconds within which a companion must be ready."""
_GRACE = 3.0
"""Seconds from the first SIGTERM to the last SIGKILL."""
_LOOK_AGAIN = 0.05


def ports_for(names: Iterable[str]) -> dict[str, str]:
    """Return a free port for each name, as `OPS_LOCAL_PORT_<NAME>`."""
    sockets = {name: socket.create_server(("127.0.0.1", 0)) for name in names}
    ports = {name: str(listening.getsockname()[1]) for name, listening in sockets.items()}
    for listening in sockets.values():
        listening.close()
    return {
        f"OPS_LOCAL_PORT_{name.upper().replace('-', '_')}": port for name, port in ports.items()
    }


class Companions:
    """Starts companions in order, and stops them in reverse order."""

    def __init__(
        self,
        directory: Path,
        environment: Mapping[str, str],
        stop: Stop,
        report: Callable[[str], None],
    ) -> None:
        self._directory = directory
        self._environment = dict(environment)
        self._stop = stop
        self._running: list[tuple[Companion, subprocess.Popen[bytes]]] = []
        self._reaper = Reaper()
        self._report = report
        self._is_ending = False
        self._failing: set[str] = set()

    def start(self, companions: Iterable[Companion]) -> list[str]:
        """Start each companion that the shell does not replace; return the names of those started.

        Raise OpsError if a command is missing, a port is taken, or it is not ready in time.
        """
        for companion in companions:
            if companion.unless is None or companion.unless not in os.environ:
                self._start(companion, self._stop.interruptible)
        return [companion.name for companion, _ in self._running]

    def fail(self, companion: str) -> None:
        """Kill a companion, as if its machine were lost. Raise OpsError for an unknown one."""
        failed, process = self._find(companion)
        self._failing.add(failed.name)
        kill_group(process.pid)
        process.wait()

    def restore(self, companion: str) -> None:
        """Start a companion again that has failed. Raise OpsError for an unknown one."""
        entry = self._find(companion)
        self._running.remove(entry)
        self._start(entry[0], contextlib.nullcontext)
        self._failing.discard(companion)

    def _find(self, name: str) -> tuple[Companion, subprocess.Popen[bytes]]:
        entry = next((candidate for candidate in self._running if candidate[0].name == name), None)
        if entry is None:
            known = ", ".join(companion.name for companion, _ in self._running) or "none"
            raise OpsError(f"No companion `{name}` runs here", f"There are: {known}.")
        return entry

    def stop(self) -> None:
        """Stop them all; kill one that does not stop."""
        self._is_ending = True
        deadline = time.monotonic() + _GRACE
        for _, process in reversed(self._running):
            _signal(process, signal.SIGTERM)
            _signal(process, signal.SIGCONT)  # one that is paused gets no other signal
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                kill_group(process.pid)
                process.wait()
        self._running.clear()
        self._reaper.stop()

    def pause(self, name: str, seconds: float) -> None:
        """Pause a companion for some seconds, so that it answers nothing, as in an outage.

        Raise OpsError if no companion of that name runs.
        """
        _, process = self._find(name)
        _signal(process, signal.SIGSTOP)
        timer = threading.Timer(seconds, _signal, (process, signal.SIGCONT))
        timer.daemon = True
        timer.start()

    def _start(
        self, companion: Companion, waiting: Callable[[], AbstractContextManager[None]]
    ) -> None:
        host, port = _address(companion)
        if _accepts(host, port):
            raise OpsError(
                f"Port {port} of the companion `{companion.name}` is in use",
                "Stop the program that listens there, or choose another port under "
                "`local: companions:` in copilot/ops.yml.",
            )
        log = self._directory / f"{companion.name}.log"
        try:
            with log.open("wb") as output:
                process = subprocess.Popen(
                    companion.command,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            raise OpsError(
                f"The companion `{companion.name}` cannot be started:  "
                f"{companion.command[0]}: {error.strerror}",
                "Install the command, or change it under `local: companions:` in copilot/ops.yml.",
            ) from error
        self._reaper.began(process.pid)
        self._running.append((companion, process))
        self._wait(companion, process, log, waiting)
        threading.Thread(target=self._watch, args=(companion, process, log), daemon=True).start()

    def _watch(self, companion: Companion, process: subprocess.Popen[bytes], log: Path) -> None:
        """Report a companion that ends before it is stopped, because tasks fail without it."""
        code = process.wait()
        if not self._is_ending and companion.name not in self._failing:
            last = log.read_text(errors="replace").strip().splitlines()[-1:]
            self._report(
                f"The companion `{companion.name}` ended with code {code}: "
                f"{last[0] if last else 'no output'}. Run `ops local up` again."
            )

    def _wait(
        self,
        companion: Companion,
        process: subprocess.Popen[bytes],
        log: Path,
        waiting: Callable[[], AbstractContextManager[None]],
    ) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not _is_ready(companion):
            ended = process.poll() is not None
            if ended or time.monotonic() > deadline:
                last = log.read_text(errors="replace").strip().splitlines()[-3:]
                how = f"ended with code {process.returncode}" if ended else "is not ready"
                raise OpsError(
                    f"The companion `{companion.name}` {how}: {' / '.join(last) or 'no output'}",
                    f"Its command is `{' '.join(companion.command)}`.",
                )
            with waiting():
                time.sleep(_LOOK_AGAIN)


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a process with its group, unless it has ended."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):  # it has ended just now
            os.killpg(process.pid, number)


def _address(companion: Companion) -> tuple[str, int]:
    url = urlsplit(companion.ready)
    return url.hostname or "127.0.0.1", url.port or 80


def _accepts(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def _is_ready(companion: Companion) -> bool:
    if companion.ready.startswith("tcp://"):
        return _accepts(*_address(companion))
    try:
        with urllib.request.urlopen(companion.ready, timeout=1) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False
