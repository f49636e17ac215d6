"""Real PostgreSQL and Redis servers of the run, which it kills."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import redis

from tests.chaos.stage.orphans import ended_with_us
from tests.ports import free_port

_LONGEST_WAIT_SECONDS = 30


class NotHere(Exception):  # noqa: N818 - reads as what happened
    """A program that the chaos run needs is not installed."""


class PostgreSQL:
    """A PostgreSQL cluster of the run, without fsync: processes are killed, the machine is not."""

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self._data = directory / "data"
        self._log = directory / "log"
        self._binaries = _postgresql_binaries()
        # It refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(directory, self._user)
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
        with (self._data / "postgresql.auto.conf").open("a") as settings:
            settings.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\n"
                "unix_socket_directories = ''\nfsync = off\nfull_page_writes = off\n"
            )
        self.start()

    def start(self) -> None:
        """Start it, with what it held when it was stopped."""
        self._run("pg_ctl", "start", "--wait", f"--log={self._log}")

    def restart(self) -> None:
        """Kill every process at once, as in a crash, and start again."""
        self._run("pg_ctl", "restart", "--wait", "--mode=immediate", f"--log={self._log}")

    def stop(self) -> None:
        """Stop the server."""
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._binaries / program, *arguments, f"--pgdata={self._data}"],
            user=self._user,
            cwd=self._data.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_LONGEST_WAIT_SECONDS,
            check=True,
        )


class Redis:
    """A Redis that loses everything at a restart, as a node of ElastiCache does."""

    def __init__(self, directory: Path) -> None:
        if shutil.which("redis-server") is None:
            raise NotHere("redis-server")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._directory = directory
        self.start()

    def restart(self) -> None:
        """Kill the server, and start it empty."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Kill the server."""
        self._process.kill()
        self._process.wait()

    def start(self) -> None:
        """Start it, with nothing in it."""
        self._process = subprocess.Popen(
            [
                *("redis-server", "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no"),
            ],
            cwd=self._directory,
            stdout=subprocess.DEVNULL,
        )
        with redis.Redis(port=self.port) as client:
            while self._process.poll() is None:
                with suppress(redis.ConnectionError):
                    client.ping()
                    break


@contextmanager
def running_servers() -> Iterator[tuple[PostgreSQL, Redis]]:
    """Run both in a directory that the user `postgres` may enter.

    Raise NotHere if a program is missing.
    """
    directory = Path(tempfile.mkdtemp(prefix="amply-chaos-"))
    directory.chmod(0o711)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, directory)
        stack.enter_context(ended_with_us(directory))
        for name in ("postgresql", "redis"):
            (directory / name).mkdir()
        store = Redis(directory / "redis")
        stack.callback(store.stop)
        database = PostgreSQL(directory / "postgresql")
        stack.callback(database.stop)
        yield database, store


def _postgresql_binaries() -> Path:
    if shutil.which("pg_config"):
        told = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
        candidates = [Path(told.stdout.strip())]
    else:
        candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for candidate in candidates:
        if (candidate / "initdb").exists():
            return candidate
    raise NotHere("initdb, of PostgreSQL's server")
