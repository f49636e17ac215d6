"""Manifests with CloudFormation's tags, and unreadable manifests."""

from pathlib import Path

import pytest

from ops.copilot.workspace import WorkspaceError, load_workspace
from tests.ops.conftest import Ops

HEAD = "name: web\ntype: Load Balanced Web Service\n"
# https://aws.github.io/copilot-cli/docs/developing/overrides/taskdef-overrides/
TAGGED = f"""\
{HEAD}count: {{range: 1-4}}
taskdef_overrides:
  - {{path: ExecutionRoleArn, value: !GetAtt Role.Arn}}
  - {{path: Family, value: !Sub '${{AWS::StackName}}-x'}}
environments:
  prod:
    taskdef_overrides:
      - {{path: ExecutionRoleArn, value: !Ref Mine}}
"""
BROKEN = f"{HEAD}cpu: [\n"


def write(workspace: Path, text: str) -> None:
    (workspace / "copilot/web/manifest.yml").write_text(text)


def test_local_tags_have_their_long_form(workspace: Path) -> None:
    write(workspace, TAGGED)
    web = load_workspace(workspace).services[0]
    values = [each["value"] for each in web.manifest["taskdef_overrides"]]
    assert values == [{"Fn::GetAtt": "Role.Arn"}, {"Fn::Sub": "${AWS::StackName}-x"}]
    assert web.manifest_in("prod")["taskdef_overrides"][0]["value"] == {"Ref": "Mine"}
    assert web.manifest_in("prod")["count"] == {"range": "1-4"}


def test_an_ops_file_has_no_tags(workspace: Path) -> None:
    (workspace / "copilot/web/ops.yml").write_text("alarms: {prefix: !Sub 'a'}\n")
    with pytest.raises(WorkspaceError, match=r"web/ops.yml:1: this is not valid YAML: .*'!Sub'"):
        load_workspace(workspace).service_settings("web", "prod")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BROKEN, "copilot/web/manifest.yml:4: this is not valid YAML"),
        (f"{HEAD}name: web\n", "copilot/web/manifest.yml:3: `name` is a duplicate"),
        ("name: web\n", "copilot/web/manifest.yml:1: type: must be the type of the workload"),
        ("name: web\ntype: !Sub a\n", "copilot/web/manifest.yml:2: type: must be"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_its_services_problem(
    workspace: Path, text: str, problem: str
) -> None:
    write(workspace, text)
    web, worker = load_workspace(workspace).services
    assert str(web.unreadable).startswith(problem)
    assert worker.unreadable is None


def test_a_plan_goes_on_without_the_service(ops: Ops, deployed: object, workspace: Path) -> None:
    write(workspace, BROKEN)
    shown = ops("plan", "--env", "prod")
    assert shown.code == 1
    assert shown.err.count("error: copilot/web/manifest.yml:4: this is not valid YAML") == 1
    assert "worker/ops-queue-depth" in shown.out
    assert "shop-web-high-cpu" not in shown.out
    assert ops("scaling", "sync", "--env", "prod", "--prune").code == 1
    assert ops("images", "plan").code == 0


def test_on_call_the_service_is_shown_all_the_same(
    ops: Ops, deployed: object, workspace: Path
) -> None:
    write(workspace, BROKEN)
    for command in ("status", "logs"):
        shown = ops(command, "--env", "prod")
        assert shown.code == 1
        assert shown.err.count("copilot/web/manifest.yml:4: this is not valid YAML") == 1
        assert shown.err.count("error:") == 1
    status = ops("status", "--env", "prod").out
    assert "web  " in status
    assert "worker  " in status
    assert ops("logs", "worker", "--env", "prod").code == 0
    assert "manifest.yml:4" in ops("why", "web", "--env", "prod").err
    assert "manifest.yml:4" in ops("doctor").out


def test_no_environment_is_taken_for_the_only_one_beside_what_cannot_be_read(
    ops: Ops, deployed: object, workspace: Path, calls: list[str]
) -> None:
    (workspace / "copilot/environments/staging/manifest.yml").unlink()
    write(workspace, f"environments: {{staging: {{}}}}\n{BROKEN}")
    for command in (("sync", "--yes"), ("plan",), ("status",), ("schedules", "down", "--yes")):
        shown = ops(*command)
        assert shown.code == 1
        assert shown.err.startswith("error: copilot/web/manifest.yml:5: this is not valid YAML")
    assert calls == []
    assert "worker/ops-queue-depth" in ops("plan", "--env", "prod").out


def test_tags_stop_no_command(ops: Ops, deployed: object, workspace: Path) -> None:
    write(workspace, TAGGED)
    for command in ("plan", "status", "logs"):
        shown = ops(command, "--env", "prod")
        assert shown.code == 0, shown
    assert ops("why", "web", "--env", "prod").code == 0


def test_a_laptop_deploys_no_broken_manifest(ops: Ops, workspace: Path) -> None:
    write(workspace, BROKEN)
    shown = ops("local", "up", "--env", "prod")
    assert shown.code == 1
    assert "copilot/web/manifest.yml:4" in shown.err
