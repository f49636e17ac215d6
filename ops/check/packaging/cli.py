"""The Copilot CLI on an embedded AWS: an application, its environments, and their templates."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from ops.base.errors import OpsError
from ops.copilot.workload import JOB
from ops.local.run.environment import of_process
from ops.local.run.processes.copilot import executable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_PATIENCE = 120.0  # seconds for one command, which takes less than one
ENVIRONMENT = "Environment"  # the type that stands in an environment's manifest


class Cli:
    """The Copilot CLI on an embedded AWS. `variables` point to that AWS, `home` replaces $HOME."""

    def __init__(self, variables: Mapping[str, str], home: Path) -> None:
        self._variables = of_process({**variables, "HOME": str(home)})
        self._executable = executable(self._variables["PATH"])
        self._home = home

    def create_application(self, name: str, environments: Iterable[str], region: str) -> None:
        """Create an application and its environments, with none of their manifests' settings.

        Raise OpsError if the CLI fails.
        """
        self._create("app", "init", name)
        for environment in environments:
            own = ("--name", environment)
            self._create("env", "init", *own, "--region", region, "--default-config")
            self._create("env", "deploy", *own)

    def package(self, root: Path, type_: str, name: str, environment: str) -> str | None:
        """Package a manifest of a workspace.

        Return the output of the CLI if it refuses, else None. Nothing is written to the workspace.
        """
        if type_ == ENVIRONMENT:
            process = self._run(root, ("env", "package", "--name", environment))
        else:
            group = "job" if type_ == JOB else "svc"
            process = self._run(root, (group, "package", "--name", name, "--env", environment))
        return (process.stderr or process.stdout) if process.returncode else None

    def _create(self, *command: str) -> None:
        process = self._run(self._home, command)
        if process.returncode:
            raise OpsError(
                f"`copilot {' '.join(command)}` failed on the embedded AWS: "
                f"{process.stderr.strip()[-500:]}"
            )

    def _run(self, folder: Path, command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [self._executable, *command],
                cwd=folder,
                env=self._variables,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            what = f"`copilot {' '.join(command)}` did not end within {_PATIENCE:.0f} s"
            raise OpsError(what) from error
