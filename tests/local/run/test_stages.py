"""The commands that deploy a workspace, and their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ops.copilot.workspace import load_workspace
from ops.local.run.processes import copilot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ops.copilot.workspace import Workspace

    Shop = Callable[..., Workspace]

WEB = """\
name: web
type: Load Balanced Web Service
image:
  build: Dockerfile
  port: 80
"""
JOB = """\
name: nightly
type: Scheduled Job
image: {build: Dockerfile}
on: {schedule: "@daily"}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Write a workspace with these manifests, by name."""

    def write(**manifests: str) -> Workspace:
        files = {f"{name}/manifest.yml": text for name, text in manifests.items()}
        files |= {".workspace": "application: shop\n", "environments/prod/manifest.yml": ""}
        for path, text in files.items():
            file = tmp_path / "copilot" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return load_workspace(tmp_path)

    return write


def test_jobs_are_deployed_as_jobs(shop: Shop) -> None:
    stages = copilot.stages(shop(nightly=JOB, web=WEB), "prod", "eu-central-1")
    named = [command for stage in stages for command in stage if "nightly" in command]
    assert named == [
        ("job", "init", "--name", "nightly"),
        ("job", "deploy", "--name", "nightly", "--env", "prod"),
    ]


def test_publishers_are_deployed_before_their_subscribers(shop: Shop) -> None:
    """Copilot refuses a subscription to a topic that is not deployed."""
    service = "type: Backend Service\nimage: {location: local}\ncommand: [serve]\n"
    subscribing = f"{service}subscribe: {{topics: [{{name: orders, service: front}}]}}\n"
    workspace = shop(
        back=f"name: back\n{subscribing}",
        front=f"name: front\n{service}publish: {{topics: [{{name: orders}}]}}\n",
        other=f"name: other\n{service}",
    )
    deploys = [
        sorted(command[3] for command in stage)
        for stage in copilot.stages(workspace, "prod", "eu-central-1")
        if stage[0][:2] == ("svc", "deploy")
    ]
    assert deploys == [["front", "other"], ["back"]]
