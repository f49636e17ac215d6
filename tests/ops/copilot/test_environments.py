"""Environments without a manifest in the workspace: old ones, or kept in another repository."""

import shutil
from collections import Counter
from pathlib import Path

import boto3
import pytest

from ops.copilot.workspace import WorkspaceError, load_workspace
from ops.copilot.workspace.environments import is_name, mistyped
from tests.ops.conftest import Ops
from tests.ops.kinds.images.stored_images import register_environment
from tests.ops.support.copilot_stacks import deploy_environment

COMMANDS = (
    ("plan",),
    ("sync",),
    ("status",),
    ("logs",),
    ("why", "worker"),
    ("queue", "show", "worker"),
    ("check", "--live"),
)


@pytest.fixture
def old(workspace: Path) -> Path:
    """Remove all environments' manifests, and name an environment only in the web's `ops.yml`."""
    shutil.rmtree(workspace / "copilot/environments")
    return workspace


@pytest.fixture
def deployed_old(deployed: object, old: Path) -> Path:
    declared = old / "copilot/worker/ops.yml"
    declared.write_text(f"queue: {{name: jobs}}\n{declared.read_text()}")
    boto3.client("sqs").create_queue(QueueName="jobs")
    return old


def test_one_that_is_named_needs_no_file(ops: Ops, deployed_old: Path) -> None:
    boto3.client("sqs").create_queue(QueueName="shop-prod-jobs")
    for command in COMMANDS:
        shown = ops(*command, "--env", "prod")
        assert shown.err == "" or shown.err.startswith("No lines "), command
        # The web lacks its `http`, which a check tells; nothing else is wrong with the files.
        assert shown.code == int(command[0] == "check"), (command, shown)
        assert "ops-file" not in shown.out
    made = boto3.client("cloudwatch").describe_alarms(AlarmNamePrefix="shop-web-")["MetricAlarms"]
    assert len(made) == 2  # by the prefix that the file has for prod


def test_other_environments_manifests_are_no_reason_to_refuse(ops: Ops, deployed_old: Path) -> None:
    manifest = deployed_old / "copilot/environments/test/manifest.yml"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("name: test\ntype: Environment\n")
    assert ops("plan", "--env", "prod").code == 0
    assert ops("status", "--env", "prod").code == 0
    checked = ops("check", "--env", "prod")
    assert "ops-file" not in checked.out
    assert "warning: no file names an environment `prod`; known here: test" in checked.err


@pytest.mark.parametrize("command", COMMANDS)
def test_one_that_aws_does_not_have_lists_those_registered(
    ops: Ops, deployed_old: Path, command: tuple[str, ...]
) -> None:
    register_environment("prod", "eu-central-1", "123456789012")
    register_environment("test", "eu-central-1", "123456789012")
    shown = ops(*command, "--env", "prd")
    assert shown.code == 1
    assert shown.err == (
        "error: The application shop has no environment `prd`. "
        "Copilot has registered: prod, test.\n"
    )


def test_one_of_another_region_or_account_is_told_where(
    ops: Ops, aws: None, old: Path, refused: list[str]
) -> None:
    assert "none is registered there. Check --app" in ops("plan", "--env", "prod").err
    register_environment("prod", "eu-west-1", "210987654321")
    assert "in eu-west-1 of account 210987654321: pass" in ops("status", "--env", "prod").err
    refused.append("GetParametersByPath")
    told = ops("status", "--env", "prod")
    assert told.code == 1
    assert "AWS does not allow GetParametersByPath" in told.err


def test_one_without_services_is_there_by_its_stack(ops: Ops, aws: None, old: Path) -> None:
    deploy_environment("shop", "prod")
    shown = ops("status", "--env", "prod")
    assert "The service `web` is not deployed to `prod` yet" in shown.err
    assert ops("status", "--env", "prd").err.count("error: ") == 1


def test_asking_costs_nothing_where_something_is_deployed(
    ops: Ops, deployed_old: Path, calls: list[str]
) -> None:
    assert ops("logs", "--env", "prod").code == 0
    assert Counter(calls) == {"ListStackResources": 2, "FilterLogEvents": 2}


def test_none_named_and_none_known(ops: Ops, old: Path) -> None:
    for command in ("plan", "status"):
        shown = ops(command)
        assert shown.code == 1
        assert "No file here names an environment of shop. Pass one" in shown.err
        assert "more than one" not in shown.err


def test_an_override_in_a_manifest_names_one(workspace: Path) -> None:
    manifest = workspace / "copilot/web/manifest.yml"
    manifest.write_text(f"{manifest.read_text()}environments: {{elsewhere: {{}}, Odd: {{}}}}\n")
    assert load_workspace(workspace).environments == ("elsewhere", "prod", "staging")
    (workspace / "copilot/ops.yml").write_text("environments: {elsewhere: {}}\n")
    load_workspace(workspace).settings("prod")


def test_an_ops_file_may_speak_of_one_that_no_other_file_does(ops: Ops, workspace: Path) -> None:
    (workspace / "copilot/ops.yml").write_text("environments:\n  eu-west: {}\n")
    checked = ops("check")
    assert "ops-file" not in checked.out
    assert "warning: unknown-environment\n  copilot/ops.yml:2: " in checked.out
    assert "no environment `eu-west` here" in checked.out
    assert "no environment" not in ops("check", "--env", "eu-west").out
    (workspace / "copilot/ops.yml").write_text("environments:\n  eu-west: {locall: {}}\n")
    assert "did you mean `local`" in ops("check").out
    (workspace / "copilot/ops.yml").write_text("environments: {prd: {}}\n")
    with pytest.raises(WorkspaceError, match="no such environment; did you mean `prod`"):
        load_workspace(workspace).settings("prod")
    load_workspace(workspace).settings("prd")  # it was named


@pytest.mark.parametrize("command", ["plan", "list"])
def test_what_all_environments_share_doubts_a_typing_error(
    ops: Ops, aws: None, workspace: Path, command: str
) -> None:
    assert ops("images", "sync").code == 0
    assert ops("images", command, "--env", "prod").err == ""
    shown = ops("images", command, "--env", "prdo")
    assert shown.code == 0
    assert shown.err == ("warning: no file names an environment `prdo`; did you mean `prod`?\n")


def test_where_nothing_is_declared_the_environment_itself_is_looked_for(
    ops: Ops, deployed_old: Path, calls: list[str]
) -> None:
    for path in deployed_old.glob("copilot/**/ops.yml"):
        path.unlink()
    calls.clear()
    for command in (("topics", "plan"), ("log-metrics", "plan"), ("plan",)):
        assert ops(*command, "--env", "prod").code == 0
    assert not [call for call in calls if call.startswith(("Put", "Create", "Delete"))]
    assert "no environment `prd`" in ops("topics", "plan", "--env", "prd").err


def test_a_laptop_deploys_no_typing_error(ops: Ops, workspace: Path) -> None:
    shown = ops("local", "up", "--env", "prd")
    assert shown.code == 1
    assert "did you mean `prod`" in shown.err


@pytest.mark.parametrize("name", ["prd", "prodd", "porod", "prdo", "pros", "rpod", "Prod"])
def test_typing_errors(name: str) -> None:
    assert mistyped(name, ["staging", "prod"]) == "prod"


@pytest.mark.parametrize(
    ("name", "known"),
    [("prod2", "prod"), ("dev1", "dev2"), ("eu-a", "eu-b"), ("preprod", "prod"), ("dp", "prod")],
)
def test_what_is_meant(name: str, known: str) -> None:
    assert mistyped(name, [known]) is None


def test_names() -> None:
    assert all(map(is_name, ["prod", "eu-1", "a"]))
    assert not any(map(is_name, ["", "Prod", "1a", "a--b", "a-", "a_b", "a.b", "a" * 256]))
