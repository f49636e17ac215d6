"""The services as processes, each in its own process group, as in a container."""

import os
import random
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.amply.support.processes import BIN

STARTED = Path(__file__).parents[1] / "changes" / "started"
ROOT = Path(__file__).parents[3]

_API = ("uvicorn", "amply.main:app")
_CELERY = ("celery", "-A", "amply.jobs.celery_app")


class Service:
    """A container: its output goes to a file, and it can be killed and started again."""

    def __init__(
        self, name: str, command: Sequence[str], environment: dict[str, str], home: Path
    ) -> None:
        self.name = name
        self.log = home / f"{name}.log"
        self._command = [str(BIN / command[0]), *command[1:]]
        self._environment = environment
        self._home = home / name
        self._home.mkdir()
        self.start()

    @property
    def kind(self) -> str:
        """`api`, `worker` or `beat`."""
        return self.name.partition("-")[0]

    def start(self) -> None:
        """Start the service with an empty directory for temporary files, as a container has."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                env={**inherited, **self._environment, "TMPDIR": str(self._home)},
                cwd=self._home,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Send SIGKILL to every process of the container."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def children(self) -> list[int]:
        """Return the children of the main process: a worker's pool."""
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
        )
        pairs = (map(int, line.split()) for line in listed.stdout.splitlines())
        return [child for child, parent in pairs if parent == self.process.pid]


class Fleet:
    """All services of a run."""

    def __init__(
        self,
        environment: dict[str, str],
        ports: Sequence[int],
        workers: int,
        beats: int,
        home: Path,
    ) -> None:
        """Start everything at once: an API on each port, and so many workers and beats."""
        self.ended_by_themselves: Counter[str] = Counter()
        self._one_at_a_time = threading.Lock()  # the storm and who restarts come from two threads
        commands: dict[str, tuple[str, ...]] = {
            f"api-{number}": (*_API, "--host", "127.0.0.1", "--port", str(port))
            for number, port in enumerate(ports, 1)
        }
        for number in range(1, workers + 1):
            commands[f"worker-{number}"] = (*_CELERY, "worker", "--loglevel=info")
        for number in range(1, beats + 1):
            commands[f"beat-{number}"] = (*_CELERY, "beat", "--loglevel=info")
        self.services = [
            Service(name, command, environment, home) for name, command in commands.items()
        ]

    def of(self, kind: str) -> list[Service]:
        """Return the services of one kind."""
        return [service for service in self.services if service.kind == kind]

    def kill(self, kind: str, dice: random.Random) -> str:
        """Kill a service of a kind and start it again at once; return its name."""
        service = dice.choice(self.of(kind))
        with self._one_at_a_time:
            service.kill()
            service.start()
        return service.name

    def kill_pool_child(self, dice: random.Random) -> str | None:
        """Kill one process of a worker's pool; return None if no worker has one now."""
        children = {worker.name: worker.children() for worker in self.of("worker")}
        pools = [(name, child) for name, pool in children.items() for child in pool]
        if not pools:
            return None
        name, child = dice.choice(pools)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        return name

    def restart_the_ended(self) -> None:
        """Restart services that ended without our signal, as ECS does."""
        with self._one_at_a_time:
            for service in self.services:
                if (code := service.process.poll()) is not None:
                    self.ended_by_themselves[f"{service.kind}, exit code {code}"] += 1
                    service.kill()  # its pool may have outlived it
                    service.start()

    def dismiss(self, kind: str) -> None:
        """End the services of a kind, without a restart."""
        with self._one_at_a_time:
            for service in self.of(kind):
                self.services.remove(service)
                service.kill()

    def kill_all(self) -> None:
        """End everything."""
        for service in self.services:
            service.kill()
