"""The committed workspace, rendered once a session by the real Copilot CLI on an embedded AWS."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.workspace.rendering import (
    ENVIRONMENTS,
    IMAGE_TAG,
    MAIL_FROM,
    REGION,
    REGISTRY,
    RETURN_URL,
    SERVICES,
    Stack,
    package_parameters,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Workspace:
    """A copy of the committed workspace, because Copilot writes into its workspace."""

    directory: Path
    aws: Mapping[str, str]

    def copilot(self, *arguments: str) -> None:
        """Run the CLI; a failure's message is its output."""
        environment = {
            **self.aws,
            "HOME": str(self.directory),
            "PATH": os.environ["PATH"],
            "REGISTRY": REGISTRY,
            "IMAGE_TAG": IMAGE_TAG,
            "MAIL_FROM": MAIL_FROM,
            "RETURN_URL": RETURN_URL,
        }
        run = subprocess.run(
            [Path(sys.executable).with_name("copilot"), *arguments],
            cwd=self.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert run.returncode == 0, f"copilot {' '.join(arguments)}\n{run.stdout}{run.stderr}"


@dataclass(frozen=True)
class Rendered:
    """Every template that Copilot renders of the workspace."""

    directory: Path

    def service(self, name: str, environment: str) -> Stack:
        """Return a service's stack, with its addons as in a deployment."""
        parameters = package_parameters(self.directory / f"{name}-{environment}.params.json")
        parameters["AddonsTemplateURL"] = "https://addons.example/template.yml"
        return read(self.directory / f"{name}-{environment}.stack.yml", parameters)

    def service_addons(self, name: str, environment: str) -> Stack:
        """Return the stack of a service's addons."""
        parameters = {"App": "amply", "Env": environment, "Name": name}
        return read(self.directory / f"{name}.addons.stack.yml", parameters)

    def environment(self, name: str) -> Stack:
        """Return an environment's stack with its services."""
        parameters = package_parameters(self.directory / f"{name}.env.params.json")
        parameters |= {"ALBWorkloads": "api", "NATWorkloads": ",".join(SERVICES)}
        return read(self.directory / f"{name}.env.yml", parameters)

    def environment_addons(self, name: str) -> Stack:
        """Return the stack of the environment's addons: the queues."""
        return read(self.directory / "env.addons.yml", {"App": "amply", "Env": name})


@pytest.fixture(scope="session")
def embedded_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Return the variables with which a client reaches an embedded AWS."""
    directory = tmp_path_factory.mktemp("aws")
    command = [sys.executable, "-m", "tests.workspace.embedded_aws", str(directory), REGION]
    with subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())
        server.stdin.close()
        assert server.wait(timeout=30) == 0


@pytest.fixture(scope="session")
def rendered(embedded_aws: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """Render every template for both environments, once. It takes ten seconds."""
    workspace = Workspace(tmp_path_factory.mktemp("workspace"), embedded_aws)
    shutil.copytree(_ROOT / "copilot", workspace.directory / "copilot")
    output = tmp_path_factory.mktemp("rendered")
    into = ("--output-dir", str(output))
    workspace.copilot("app", "init", "amply")
    for environment in ENVIRONMENTS:
        made = ("--name", environment)
        workspace.copilot("env", "init", *made, "--region", REGION, "--default-config")
        workspace.copilot("env", "deploy", *made)
        workspace.copilot("env", "package", *made, *into)
        for service in SERVICES:
            workspace.copilot("svc", "package", "--name", service, "--env", environment, *into)
    return Rendered(output)
