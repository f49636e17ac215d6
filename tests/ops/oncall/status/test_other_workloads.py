"""Workloads without an ECS service: scheduled jobs, App Runner services, static sites."""

import time
from pathlib import Path

import boto3
import pytest

from ops.copilot.place import OtherStack, StackResource
from tests.ops.conftest import Ops
from tests.ops.support.copilot_stacks import deploy_job

HERE = ("--env", "prod")
TYPES = {
    "nightly": "Scheduled Job",
    "site": "Static Site",
    "weekly": "Scheduled Job",
}


@pytest.fixture
def others(deployed: dict[str, str], workspace: Path) -> Path:
    """Deploy a job with log lines and a site without a log, and add a job that is not deployed."""
    for name, kind in TYPES.items():
        (workspace / "copilot" / name).mkdir()
        (workspace / f"copilot/{name}/manifest.yml").write_text(f"name: {name}\ntype: {kind}\n")
    deploy_job("shop", "prod", "nightly")
    boto3.client("cloudformation").create_stack(
        StackName="shop-prod-site",
        TemplateBody='{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}',
    )
    say("nightly", "swept")
    return workspace


def say(workload: str, text: str) -> None:
    logs, group = boto3.client("logs"), f"/copilot/shop-prod-{workload}"
    logs.create_log_stream(logGroupName=group, logStreamName="copilot/a")
    event = {"timestamp": round(time.time() * 1000) - 1000, "message": text}
    logs.put_log_events(logGroupName=group, logStreamName="copilot/a", logEvents=[event])  # type: ignore[list-item]


def test_a_jobs_logs_are_read_by_its_name_and_among_all(ops: Ops, others: Path) -> None:
    for arguments in (["nightly"], []):
        shown = ops("logs", *arguments, *HERE)
        assert shown.code == 0, shown
        assert "swept" in shown.out
    shown = ops("logs", "site", *HERE)
    assert shown.code == 1
    assert "The stack of `site` has no log group" in shown.err


def test_status_says_what_has_no_tasks(ops: Ops, others: Path) -> None:
    job = (
        "`nightly` is a Scheduled Job: it has no tasks between two runs. `ops logs nightly "
        "--env prod"
    )
    site = "`site` is a Static Site: CloudFront serves its files, and it has no tasks."
    everything = ops("status", *HERE)
    assert everything.code == 0, everything
    assert job in everything.out
    assert site in everything.out
    assert "worker  " in everything.out
    assert "weekly" not in everything.out
    for command in ("status", "why"):
        shown = ops(command, "nightly", *HERE)
        assert shown.code == 0, shown
        assert job in shown.out
    data = ops("status", *HERE, "--output", "json").data
    assert [each["service"] for each in data["others"]] == ["nightly", "site"]
    reasons = ops("why", "nightly", *HERE, "--output", "json").data["reasons"]
    assert reasons[0].startswith(job)


def test_a_job_that_is_not_deployed_is_told_with_its_own_command(ops: Ops, others: Path) -> None:
    for command in ("status", "why", "logs"):
        shown = ops(command, "weekly", *HERE)
        assert shown.code == 1
        assert "The job `weekly` is not deployed to `prod` yet. Run `copilot job" in shown.err


def test_a_plan_wants_no_service_of_a_job_that_declares_nothing(ops: Ops, others: Path) -> None:
    assert ops("plan", *HERE, "--prune").code == 0
    (others / "copilot/nightly/ops.yml").write_text("alarms: {preset: service}\n")
    (others / "copilot/weekly/ops.yml").write_text("alarms: {preset: service}\n")
    shown = ops("plan", *HERE)
    assert shown.code == 1
    assert "`nightly` is a Scheduled Job: it has no ECS service" in shown.err
    assert "copilot job deploy -n weekly -e prod" in shown.err


def test_a_service_that_is_coming_up_has_a_log_already(ops: Ops, others: Path) -> None:
    boto3.client("cloudformation").delete_stack(StackName="shop-prod-worker")
    deploy_job("shop", "prod", "worker")  # a stack without an ECS service
    say("worker", "no such module")
    shown = ops("logs", "worker", *HERE)
    assert shown.code == 1
    assert "The service `worker` is not deployed to `prod` yet" in shown.err
    assert "no such module" in shown.out


def test_app_runner_names_its_log_group_after_the_service() -> None:
    arn = "arn:aws:apprunner:eu-central-1:123456789012:service/shop-prod-web/8fe1e10304f8"
    resource = StackResource("Service", "AWS::AppRunner::Service", arn)
    stack = OtherStack.from_resources("shop-prod-web", [resource])
    assert stack.log_group == "/aws/apprunner/shop-prod-web/8fe1e10304f8/application"
