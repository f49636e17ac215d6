"""One run of the embedded AWS, from the start to a deployed workspace and back.

    moto and proxy ─▶ companions ─▶ secrets ─▶ Fargate ─▶ control loop
                   ─▶ Copilot deploys ─▶ `ops sync` ─▶ running

What the workspace does not say is assumed, and listed (`ops.local.assumptions`).

Everything that has been started is stopped in reverse order, whatever happens.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from ops.base.errors import OpsError
from ops.local import assumptions
from ops.local.endpoint.server import EmbeddedAws
from ops.local.fargate import Fargate, to_stderr
from ops.local.fargate.tasks.choice import Programs
from ops.local.gaps.cloudformation import stacks as cloudformation
from ops.local.gaps.ecr import running_images
from ops.local.loop.thread import ControlLoop
from ops.local.metrics.clock import Clock
from ops.local.plane import ControlPlane
from ops.local.run import preflight, state
from ops.local.run.assumed import filled, imported, secrets
from ops.local.run.assumed.borrowed import Borrowed
from ops.local.run.assumed.placeholders import placeholders
from ops.local.run.code import Code
from ops.local.run.environment import of_process, search_path
from ops.local.run.page import Looked, page_of
from ops.local.run.processes import copilot, docker
from ops.local.run.processes.companions import Companions, ports_for

if TYPE_CHECKING:
    from pathlib import Path

    from ops.copilot.workspace import Local, Workspace
    from ops.local.fargate.tasks.choice import Choice
    from ops.local.run.processes.stop import Stop

Progress = Callable[[str], contextlib.AbstractContextManager[None]]
"""Shows that a step is in progress, and, when its block ends, that it was done."""

_PATIENCE = 60.0
"""Seconds within which every service must have its tasks."""


class Session:
    """The embedded AWS of a workspace's environment, inside its `running` block."""

    def __init__(
        self,
        workspace: Workspace,
        environment: str,
        port: int,
        progress: Progress,
        stop: Stop,
        *,
        speed: float = 1.0,
        only_stubs: bool = False,
    ) -> None:
        self._workspace = workspace
        self._environment = environment
        self._listen = ("127.0.0.1", port)
        self._progress = progress
        self._stop = stop
        self._speed = speed
        self._only_stubs = only_stubs
        self._is_public = any("Load Balanced" in service.type for service in workspace.services)
        self._stack = contextlib.ExitStack()
        self._companions: list[str] = []
        self.problem: str | None = None
        """Why `ops sync` failed; what was deployed runs all the same."""
        copilot.executable(search_path())

    @contextlib.contextmanager
    def running(self) -> Iterator[Session]:
        """Deploy and run everything inside the block, and stop it all afterwards.

        Raise OpsError if a port is taken, a command is missing, or a deploy failed.
        """
        root = self._workspace.root
        preflight.check_links(root)
        directory = state.claim(root)
        kept: tuple[str, ...] = ()
        try:
            with self._stack:
                self._bring_up(directory)
                yield self
        except OpsError:
            # Copilot's output helps to understand a failure: it stays until `up` or `down`.
            kept = ("copilot.log",)
            raise
        finally:
            # After the processes that write there have ended.
            state.remove(root, kept)

    def containers(self) -> dict[str, Choice]:
        """Return what runs in place of each container, by `SERVICE/CONTAINER`."""
        return self._fargate.choices()

    @property
    def url(self) -> str | None:
        """Return the URL of the public load balancer, if the environment has one."""
        return f"http://{self._listen[0]}:{self._listen[1]}" if self._is_public else None

    @property
    def request(self) -> str | None:
        """Return a command that a rule of the load balancer answers, if a manifest has an alias."""
        for host, path in imported.requests(self._filled, self._environment):
            return f"curl -H 'Host: {host}' {self.url}{path}"
        return None

    def _bring_up(self, directory: Path) -> None:
        local = self._settings(directory)
        self._region = local.region
        with self._progress("embedded AWS"):
            aws = EmbeddedAws(directory, self._region)
            aws.start()
            self._stack.callback(aws.stop)
        variables = aws.environment() | self._placeholders(local)
        variables |= {"OPS_ENV": self._environment, **self._ports}
        self._start_companions(aws, local, directory, variables)
        with self._progress("secrets"):
            shell = {**os.environ, **variables}
            secrets.seed(self._workspace, self._environment, shell, local.secrets, aws.client)
        self._fill(variables)
        imported.seed(self._filled, self._environment, aws, self._manifest)
        self._programs = docker.install(directory / "bin")
        plane = ControlPlane(self._region, to_stderr, directory, Clock(self._speed))
        self._start_fargate(aws, local, directory, plane)
        self._start_loop(plane)
        self._start_page(aws, local, directory, plane)
        files = preflight.env_files(self._workspace, self._environment)
        sources = preflight.static_sources(self._workspace, self._environment)
        borrowed = Borrowed(self._workspace.root, directory, self._environment, files, sources)
        borrowed.name_application(self._workspace.application)
        running = state.State(os.getpid(), variables, list(local.placeholders))
        running.write(self._workspace.root)
        try:
            self._deploy(aws, directory, variables)
        finally:
            borrowed.record()
        if any((self._workspace.root / "copilot").glob("**/ops.yml")):
            self._sync(variables)

    def _placeholders(self, local: Local) -> dict[str, str]:
        """Return a value for each variable of the manifests; the shell's value comes first."""
        configured = _from_shell(local.placeholders)
        known = {**os.environ, **configured}
        missing = placeholders(self._workspace, self._environment, known)
        for name, value in missing.items():
            assumptions.note(f"${{{name}}} is `{value}`: no variable of that name is set")
        return configured | missing

    def _fill(self, variables: dict[str, str]) -> None:
        """Fill in the variables of the manifests, as Copilot will."""
        known = {**os.environ, **variables}
        self._filled = filled.fill(self._workspace, self._environment, known)
        self._manifest = filled.environment_manifest(self._workspace, self._environment, known)

    def _settings(self, directory: Path) -> Local:
        """Return the workspace's `local` section, with a free port for each companion."""
        names = [c.name for c in self._workspace.settings(self._environment).local.companions]
        variables = {"OPS_LOCAL_DIR": str(directory), "OPS_LOCAL_PORT": str(self._listen[1])}
        variables |= ports_for(names)
        self._ports = variables
        return self._workspace.settings(self._environment, variables).local

    def _start_companions(
        self, aws: EmbeddedAws, local: Local, directory: Path, variables: dict[str, str]
    ) -> None:
        if not local.companions:
            return
        with self._progress("companions"):
            companions = Companions(directory, of_process(variables), self._stop, to_stderr)
            self._stack.callback(companions.stop)
            self._companions = companions.start(local.companions)
        aws.operations |= {
            "fail": companions.fail,
            "restore": companions.restore,
            "pause": companions.pause,
        }

    def _start_fargate(
        self, aws: EmbeddedAws, local: Local, directory: Path, plane: ControlPlane
    ) -> None:
        tags = _from_shell(local.placeholders).values()
        code = Code(self._workspace.root, directory / "code", tags, to_stderr)
        running_images.stand_for(code.names, code.is_commit)
        self._fargate = Fargate(
            aws.endpoint,
            plane,
            directory / "tasks",
            self._choose_programs(lambda image: code.variables(image) | local.variables),
            self._listen,
        )
        self._fargate.start()
        aws.operations |= {
            "interrupt": self._fargate.interrupt,
            "kill": self._fargate.kill,
            "speed": plane.change_speed,
        }
        self._stack.callback(self._fargate.stop)
        cloudformation.wait_for_services(
            lambda _cluster, service: self._fargate.wait_until_steady(_PATIENCE, service)
        )

    def _start_loop(self, plane: ControlPlane) -> None:
        """Start the control loop. It ends before the tasks, which it may start and stop."""
        loop = ControlLoop(plane, self._fargate.running_tasks, self._fargate.requests)
        loop.start()
        self._stack.callback(loop.stop)

    def _start_page(
        self, aws: EmbeddedAws, local: Local, directory: Path, plane: ControlPlane
    ) -> None:
        looked = Looked(
            self._workspace,
            self._environment,
            [service.name for service in preflight.deployed(self._workspace)],
            self._companions,
            directory,
            f"http://{self._listen[0]}:{self._listen[1]}",
            local.load,
        )
        self.page = page_of(looked, aws, plane)
        self.page.start(self._listen[1] + 1)
        self._stack.callback(self.page.stop)

    def _choose_programs(self, variables: Callable[[str], dict[str, str]]) -> Programs:
        settings = {
            service.name: self._workspace.service_settings(service.name, self._environment)
            for service in preflight.workloads(self._workspace)
        }
        return Programs(
            variables,
            commands={n: own.local.command for n, own in settings.items() if own.local.command},
            queues={n: own.queue.name for n, own in settings.items() if own.queue},
            is_built=partial(docker.is_built, self._programs),
            only_stubs=self._only_stubs,
        )

    def _deploy(self, aws: EmbeddedAws, directory: Path, variables: dict[str, str]) -> None:
        runner = copilot.Copilot(
            self._workspace.root,
            of_process(variables, self._programs),
            directory / "copilot.log",
            aws.client("cloudformation"),
            self._stop,
        )
        domain = imported.domain(self._filled, self._environment, self._manifest)
        for stage in copilot.stages(self._workspace, self._environment, self._region, domain):
            with self._progress(_title(stage)):
                runner.run_with_retries(*stage)
        with self._progress("tasks healthy"), self._stop.interruptible():
            self._fargate.wait_until_steady(_PATIENCE)

    def _sync(self, variables: dict[str, str]) -> None:
        command = [sys.executable, "-m", "ops", "sync", "--yes"]
        with (
            self._progress("ops sync"),
            subprocess.Popen(
                command,
                cwd=self._workspace.root,
                env=of_process(variables),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            ) as process,
            self._stop.waiting_for(process),
        ):
            printed, _ = process.communicate()
        if process.returncode != 0:
            self.problem = (
                f"{printed.rstrip()}\n`ops sync` failed; all services are deployed and "
                "running. Fix the error, then run `ops local run -- ops sync`."
            )


def _from_shell(variables: dict[str, str]) -> dict[str, str]:
    """Return the variables, with values of the shell where it has them."""
    return {name: os.environ.get(name, value) for name, value in variables.items()}


def _title(stage: tuple[copilot.Command, ...]) -> str:
    """Merge commands into `copilot svc deploy --name api|worker --env prod`."""
    words = ("|".join(dict.fromkeys(places)) for places in zip(*stage, strict=True))
    return f"copilot {' '.join(words)}"
