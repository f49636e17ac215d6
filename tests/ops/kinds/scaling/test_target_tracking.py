"""The required target tracking policy, on the target that Copilot created."""

import json
import shlex
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.ops.conftest import FILES, Ops
from tests.ops.support.copilot_stacks import cluster_name, deploy_worker, target_name
from tests.ops.support.sessions import on_sessions_of_ops

TARGET = target_name("shop", "prod", "worker")
CONFIGURATION = "TargetTrackingScalingPolicyConfiguration"


def policies() -> list[Any]:
    client = boto3.client("application-autoscaling")
    return list(client.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"])


def test_a_fixed_count_is_told_from_the_deployed_stack(
    ops: Ops, aws: None, workspace: Path
) -> None:
    boto3.client("ecs").create_cluster(clusterName=cluster_name("shop", "prod"))
    deploy_worker("shop", "prod", "worker", scales=False)
    planned = ops("scaling", "plan", "--env", "prod")
    assert planned.code == 1
    assert (
        "copilot/worker/ops.yml:1: scaling: The service `worker` has a fixed count" in planned.err
    )
    assert "another tool" not in planned.err

    boto3.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=TARGET,
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=3,
        MaxCapacity=7,
    )
    planned = ops("scaling", "plan", "--env", "prod")
    assert (
        "`worker` has a scalable target (3 to 7 tasks) that Copilot did not create" in planned.err
    )


def test_sync_puts_the_policy_on_copilots_target(ops: Ops, deployed: dict[str, str]) -> None:
    assert ops("scaling", "sync", "--env", "prod").code == 0
    [policy] = policies()
    assert (policy["PolicyName"], policy["ResourceId"]) == ("ops-queue-depth", TARGET)
    assert policy[CONFIGURATION] == {
        "CustomizedMetricSpecification": {
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": "shop-prod-jobs"}],
            "Statistic": "Average",
        },
        "TargetValue": 100,
        "DisableScaleIn": False,
    }
    client = boto3.client("application-autoscaling")
    [target] = client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 20)


def test_drift_is_mended_and_an_undeclared_cooldown_kept(
    ops: Ops, deployed: dict[str, str]
) -> None:
    ops("scaling", "sync", "--env", "prod")
    configuration = policies()[0][CONFIGURATION]
    by_hand: Any = {**configuration, "TargetValue": 5, "ScaleInCooldown": 600}
    boto3.client("application-autoscaling").put_scaling_policy(
        PolicyName="ops-queue-depth",
        ServiceNamespace="ecs",
        ResourceId=TARGET,
        ScalableDimension="ecs:service:DesiredCount",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=by_hand,
    )
    planned = ops("scaling", "plan", "--env", "prod")
    assert "5 → 100" in planned.out
    assert "Cooldown" not in planned.out
    ops("scaling", "sync", "--env", "prod")
    assert policies()[0][CONFIGURATION] == {**configuration, "ScaleInCooldown": 600}


def test_prune_deletes_our_policy_and_leaves_a_foreign_one(
    ops: Ops, deployed: dict[str, str], workspace: Path
) -> None:
    ops("scaling", "sync", "--env", "prod")
    boto3.client("application-autoscaling").put_scaling_policy(
        PolicyName="by-hand",
        ServiceNamespace="ecs",
        ResourceId=TARGET,
        ScalableDimension="ecs:service:DesiredCount",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=policies()[0][CONFIGURATION],
    )
    (workspace / "copilot/worker/ops.yml").unlink()
    assert "✔ deleted worker/ops-queue-depth" in ops("sync", "--env", "prod", "--prune").out
    assert [policy["PolicyName"] for policy in policies()] == ["by-hand"]


def test_a_policy_that_is_no_longer_declared_is_told_until_it_is_pruned(
    ops: Ops, deployed: dict[str, str], workspace: Path, calls: list[str]
) -> None:
    ops("scaling", "sync", "--env", "prod")
    path = workspace / "copilot/worker/ops.yml"
    path.write_text(
        "queue: {name: shop-prod-jobs}\nscaling:\n  load_per_task: {seconds_per_task: 0.5}\n"
    )
    calls.clear()
    switched = ops("scaling", "sync", "--env", "prod")
    assert (switched.code, switched.err) == (0, "")
    assert "? orphaned worker/ops-queue-depth" in switched.out
    assert "1 no longer declared: --prune deletes it." in switched.out
    assert sorted(call for call in calls if call.startswith("Describe")) == [
        "DescribeAlarms",
        "DescribeScalingPolicies",
        "DescribeScheduledActions",
        "DescribeServices",
    ]
    assert {each["PolicyName"] for each in policies()} == {
        "ops-queue-depth",
        "ops-load-out",
        "ops-load-in",
    }
    pruned = ops("scaling", "sync", "--env", "prod", "--prune")
    assert "✔ deleted worker/ops-queue-depth" in pruned.out
    assert "no longer declared" not in pruned.err
    assert "no longer declared" not in ops("scaling", "plan", "--env", "prod").err


@pytest.fixture
def within_a_range(deployed: dict[str, str], workspace: Path) -> Path:
    path = workspace / "copilot/worker/manifest.yml"
    path.write_text("name: worker\ntype: Backend Service\ncount: {range: 2-20}\n")
    return path


def test_a_desired_count_within_the_range_is_no_drift(ops: Ops, within_a_range: Path) -> None:
    ops("scaling", "sync", "--env", "prod")
    _, cluster, service = TARGET.split("/")
    boto3.client("ecs").update_service(cluster=cluster, service=service, desiredCount=7)
    planned = ops("scaling", "plan", "--env", "prod", "--exit-code")
    assert (planned.code, planned.err) == (0, "")


def test_a_range_that_somebody_else_moved_is_told(
    ops: Ops, within_a_range: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ops("scaling", "sync", "--env", "prod")
    client = boto3.client("application-autoscaling")
    target: Any = {
        "ServiceNamespace": "ecs",
        "ResourceId": TARGET,
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    client.register_scalable_target(**target, MinCapacity=3, MaxCapacity=7)
    planned = ops("scaling", "plan", "--env", "prod", "--exit-code")
    assert planned.code == 0
    told = "`worker` may have 3 to 7 tasks, and its manifest says 2 to 20: "
    assert f"{told}the manifest is not deployed yet, or another tool changed" in planned.err

    action: Any = {"Schedule": "cron(0 19 * * ? *)", "ScalableTargetAction": {"MinCapacity": 3}}
    client.put_scheduled_action(**target, **action, ScheduledActionName="evening")
    planned = ops("scaling", "plan", "--env", "prod")
    assert (
        f"{told}the manifest is not deployed yet, or a scheduled action (`evening`" in planned.err
    )

    client.put_scheduled_action(**target, **action, ScheduledActionName="ops-off-hours-down")
    actions_in_pages_of_one(monkeypatch)
    assert ops("scaling", "plan", "--env", "prod").err == ""


def actions_in_pages_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Return one action per page: moto returns all at once, AWS 50 per page."""

    def begin(params: Any, context: dict[str, int], **_: object) -> None:  # noqa: ANN401
        context["page"] = int(json.loads(params["body"]).get("NextToken", 0))

    def cut(parsed: Any, context: dict[str, int], **_: object) -> None:  # noqa: ANN401
        page, actions = context["page"], parsed["ScheduledActions"]
        parsed["ScheduledActions"] = actions[page : page + 1]
        if page + 1 < len(actions):
            parsed["NextToken"] = str(page + 1)

    on_sessions_of_ops(monkeypatch, "before-call.*.DescribeScheduledActions", begin)
    on_sessions_of_ops(monkeypatch, "after-call.*.DescribeScheduledActions", cut)


SUSPENDED = {
    "DynamicScalingInSuspended": True,
    "DynamicScalingOutSuspended": True,
    "ScheduledScalingSuspended": True,
}


def test_what_is_suspended_is_told_with_the_command_that_ends_it(
    ops: Ops, within_a_range: Path, calls: list[str]
) -> None:
    ops("scaling", "sync", "--env", "prod")
    calls.clear()
    assert ops("scaling", "plan", "--env", "prod").err == ""
    before = list(calls)
    client = boto3.client("application-autoscaling")
    target = {"ResourceId": TARGET, "ScalableDimension": "ecs:service:DesiredCount"}
    client.register_scalable_target(ServiceNamespace="ecs", SuspendedState=SUSPENDED, **target)  # type: ignore[arg-type]
    calls.clear()
    told = ops("scaling", "plan", "--env", "prod").err
    assert calls == before
    assert "`worker` has scaling in, scaling out, scheduled scaling suspended, so" in told
    assert "A sync does not change that" in told

    words = shlex.split(told.rpartition("To resume: `")[2].partition("`")[0])
    assert words[:3] == ["aws", "application-autoscaling", "register-scalable-target"]
    given = dict(zip(words[3::2], words[4::2], strict=True))
    assert given["--resource-id"] == TARGET
    ended = dict(each.split("=") for each in given["--suspended-state"].split(","))
    assert ended == dict.fromkeys(SUSPENDED, "false")
    client.register_scalable_target(
        ServiceNamespace="ecs",
        SuspendedState=dict.fromkeys(ended, False),  # type: ignore[arg-type]
        **target,  # type: ignore[arg-type]
    )
    assert ops("scaling", "plan", "--env", "prod").err == ""


def test_a_tracking_policy_without_alarms_is_told(
    ops: Ops, deployed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ops("scaling", "sync", "--env", "prod")
    assert ops("scaling", "plan", "--env", "prod").err == ""

    def without(parsed: Any, **_: object) -> None:  # noqa: ANN401
        for policy in parsed["ScalingPolicies"]:
            policy.pop("Alarms")

    on_sessions_of_ops(monkeypatch, "after-call.*.DescribeScalingPolicies", without)
    told = ops("scaling", "plan", "--env", "prod", "--exit-code")
    assert told.code == 0
    assert "`worker`: the alarms of the policy `ops-queue-depth` were deleted" in told.err


def test_cooldowns_are_durations(ops: Ops, deployed: dict[str, str], workspace: Path) -> None:
    path = workspace / "copilot/worker/ops.yml"
    path.write_text(FILES["copilot/worker/ops.yml"] + "    scale_out_cooldown: 1m30s\n")
    ops("scaling", "sync", "--env", "prod")
    assert policies()[0][CONFIGURATION]["ScaleOutCooldown"] == 90
