"""Workspaces that cannot run on a laptop: they are reported before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ops.__main__ import main
from ops.base.errors import OpsError
from ops.copilot.workspace import load_workspace
from ops.local.run import copilot, preflight
from ops.local.run.secrets import seed

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.copilot.workspace import Workspace

    Shop = Callable[..., Workspace]

ROOT = Path(__file__).parents[2]
WEB = """\
name: web
type: Load Balanced Web Service
image:
  build: Dockerfile
  port: 80
"""
WORKER = """\
name: worker
type: Backend Service
image: {location: shop}
sidecars:
  nginx: {image: nginx}
  cache: {image: {build: cache/Dockerfile}, command: [cache]}
"""
JOB = """\
name: nightly
type: Scheduled Job
image: {build: Dockerfile}
on: {schedule: "@daily"}
secrets: {TOKEN: /shop/token}
"""
LAPTOP = """\
environments:
  laptop:
    image: {location: local}
    command: [python, -m, web]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Write a workspace of these manifests, by name."""

    def write(**manifests: str) -> Workspace:
        files = {f"{name}/manifest.yml": text for name, text in manifests.items()}
        files |= {".workspace": "application: shop\n", "environments/prod/manifest.yml": ""}
        for path, text in files.items():
            file = tmp_path / "copilot" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return load_workspace(tmp_path)

    return write


def test_every_container_that_cannot_run_is_named_at_once(shop: Shop) -> None:
    with pytest.raises(OpsError) as refused:
        preflight.check_runs(shop(web=WEB, worker=WORKER), "prod")
    told = str(refused.value)
    assert told.startswith("`ops local` runs commands, not images:\n")
    none = "is missing, and ops cannot read the one in the image\n"
    assert f"  copilot/web/manifest.yml:4: image.build: {preflight._BUILT}\n" in told
    assert f"  copilot/web/manifest.yml:1: command: {none}" in told
    assert f"  copilot/worker/manifest.yml:1: command: {none}" in told
    assert f"  copilot/worker/manifest.yml:5: sidecars.nginx.command: {none}" in told
    assert "  copilot/worker/manifest.yml:6: sidecars.cache.image.build: Copilot would" in told
    assert "ops local up --env laptop" in told


def test_an_environment_of_the_laptops_own_mends_it(shop: Shop) -> None:
    workspace = shop(web=WEB + LAPTOP)
    preflight.check_runs(workspace, "laptop")
    with pytest.raises(OpsError, match="not images"):
        preflight.check_runs(workspace, "prod")


@pytest.mark.parametrize(
    "more",
    [
        "command: python -m worker\n",
        "entrypoint: [python, -m, worker]\n",
        "taskdef_overrides: [{path: 'ContainerDefinitions[0].Command[0]', value: worker}]\n",
    ],
)
def test_a_command_may_be_given_in_other_ways(shop: Shop, more: str) -> None:
    preflight.check_runs(shop(worker=WORKER.partition("sidecars")[0] + more), "prod")


def test_a_command_may_come_by_a_patch(shop: Shop) -> None:
    workspace = shop(worker=WORKER.partition("sidecars")[0])
    patch = workspace.root / "copilot/worker/overrides/cfn.patches.yml"
    patch.parent.mkdir()
    patch.write_text("- {op: add, path: /Resources/…/ContainerDefinitions/0/Command, value: []}\n")
    preflight.check_runs(workspace, "prod")


def test_jobs_are_left_out(shop: Shop) -> None:
    workspace = shop(nightly=JOB, web=WEB + LAPTOP)
    assert [each.name for each in preflight.left_out(workspace)] == ["nightly"]
    preflight.check_runs(workspace, "laptop")
    stages = copilot.stages(workspace, "laptop", "eu-central-1")
    named = [command for stage in stages for command in stage if command[0] == "svc"]
    assert named
    assert not [command for command in named if "nightly" in command]
    assert seed(workspace, "laptop", {}, {}, client=None) == []


def test_a_sync_that_misses_only_the_jobs_has_not_failed(shop: Shop) -> None:
    workspace = shop(nightly=JOB, web=WEB)
    missed = "error: The job `nightly` is not deployed to `prod` yet. Run `copilot job deploy`."
    assert preflight.is_of_left_out(workspace, f"created shop-prod\n{missed}\n")
    assert not preflight.is_of_left_out(workspace, f"{missed}\nerror: AWS refuses\n")
    assert not preflight.is_of_left_out(workspace, "")
    assert not preflight.is_of_left_out(shop(web=WEB), "error: AWS refuses\n")


def test_up_refuses_before_it_starts_anything(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    root = shop(web=WEB).root
    assert main(["local", "up", "--env", "prod", "--workspace", str(root)]) == 1
    said = capsys.readouterr()
    assert "runs commands, not images" in said.err
    assert said.out == ""
    assert not (root / ".ops").exists()


@pytest.mark.parametrize("environment", ["prod", "staging"])
def test_the_committed_workspace_runs(environment: str) -> None:
    preflight.check_runs(load_workspace(ROOT), environment)


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
