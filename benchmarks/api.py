"""The speed of POST /donations: `python -m benchmarks.api`.

Against a bare FastAPI endpoint that inserts the same two rows, and against itself without logging;
all under uvicorn, on PostgreSQL, in turns, in one run. What the API does besides (the idempotency
key, its message to the queue, the deletion of the outbox row) counts: a turn ends when the outbox
is empty. A limit that is not kept is exit code 1.
"""

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from amply.migrations.schema import migrate
from benchmarks.limits import Limit, report
from benchmarks.load import Measured, load
from tests.amply.support.services import postgresql_database
from tests.ports import free_port

_ROOT = Path(__file__).parents[1]
_SERVERS = {
    "bare": "benchmarks.api_bare:app",
    "amply": "amply.main:app",
    "amply, silent": "benchmarks.api_silent:app",
}
_SETTLE_SECONDS = 120.0


@dataclass(frozen=True)
class Server:
    """A server that is under measurement."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Return the CPU seconds of the server's process since its start (proc(5): utime and
        stime).
        """
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Measure and print; return 1 if a limit is not kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.api")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each turn")
    parser.add_argument("--connections", type=int, default=16)
    given = parser.parse_args()
    with ExitStack() as stack:
        url = stack.enter_context(postgresql_database())
        migrate(url)
        environment = {"DATABASE_URL": url, **stack.enter_context(_queue())}
        servers = {
            name: stack.enter_context(_uvicorn(app, environment)) for name, app in _SERVERS.items()
        }
        measured = asyncio.run(_in_turns(servers, given, url))
    _print(measured)
    return report(_limits(measured))


async def _in_turns(
    servers: dict[str, Server], given: argparse.Namespace, url: str
) -> dict[str, Measured]:
    measured = {name: Measured() for name in servers}
    for turn in range(-1, given.rounds):  # the first one warms up
        for name, server in servers.items():
            into = measured[name] if turn >= 0 else Measured()
            before = server.cpu_seconds()
            await load(server.port, given.connections, given.seconds, into)
            into.seconds += _until_sent(url, bare=name == "bare")
            into.cpu_seconds += server.cpu_seconds() - before
    return measured


def _until_sent(url: str, *, bare: bool) -> float:
    """Return the seconds until the outbox is empty. The bare endpoint's is deleted."""
    started = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as connection:
        if bare:
            connection.execute("TRUNCATE outbox")
            return 0.0
        while connection.execute("SELECT 1 FROM outbox LIMIT 1").fetchone():
            if time.perf_counter() - started > _SETTLE_SECONDS:
                raise RuntimeError("The outbox was not emptied")
            time.sleep(0.005)
    return time.perf_counter() - started


@contextmanager
def _queue() -> Iterator[dict[str, str]]:
    """Return the variables that name a queue."""
    command = [sys.executable, "-m", "benchmarks.queue_process"]
    with subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101
        yield json.loads(process.stdout.readline())
        process.communicate()


@contextmanager
def _uvicorn(app: str, environment: dict[str, str]) -> Iterator[Server]:
    """Start a server, with its log in a file, because logging costs a system call for each line."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--no-access-log"]
    with (
        tempfile.TemporaryFile() as lines,
        subprocess.Popen(
            command, cwd=_ROOT, env={**os.environ, **environment}, stdout=lines, stderr=lines
        ) as process,
    ):
        try:
            _wait_for(port, process)
            yield Server(port, process.pid)
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} ended with {process.returncode}")


def _import_ratio() -> float:
    return _import_seconds("amply.main") / _import_seconds("fastapi, sqlalchemy.ext.asyncio")


def _import_seconds(modules: str) -> float:
    """Return the CPU seconds of an import, the best of three."""
    code = f"import time, {modules}; print(time.process_time())"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=True
        )
        for _ in range(3)
    ]
    return min(float(run.stdout.splitlines()[-1]) for run in runs)


def _print(measured: dict[str, Measured]) -> None:
    rows = [
        f"{name:<14}{one.rate:>12.0f}{one.percentile(0.5):>9.1f}{one.percentile(0.99):>9.1f}"
        f"{one.cpu:>9.2f}"
        for name, one in measured.items()
    ]
    lines = [f"{'server':<14}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}", *rows]
    print("\n".join(lines), end="\n\n")  # noqa: T201


def _limits(measured: dict[str, Measured]) -> list[Limit]:
    bare, amply, silent = measured.values()
    slower = amply.percentile(0.99) / bare.percentile(0.99)
    return [
        Limit("requests/s against bare", amply.rate / bare.rate, least=0.8),
        Limit("p99 against bare", slower, most=1.5),
        Limit("logging costs, % of CPU", 100 * (1 - silent.cpu / amply.cpu), most=10),
        Limit("import against FastAPI and SQLAlchemy, CPU", _import_ratio(), most=2),
    ]


if __name__ == "__main__":
    sys.exit(main())
