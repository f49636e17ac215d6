"""Scaling policies: the page's target tracking on the target that Copilot made."""

from pathlib import Path
from typing import Any

import boto3

from tests.ops.conftest import FILES, Ops
from tests.ops.copilot_stacks import deploy_worker

TARGET = "service/shop-prod/shop-worker"
CONFIGURATION = "TargetTrackingScalingPolicyConfiguration"


def policies() -> list[Any]:
    client = boto3.client("application-autoscaling")
    return list(client.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"])


def test_a_fixed_count_is_told_from_the_deployed_stack(
    ops: Ops, aws: None, workspace: Path
) -> None:
    boto3.client("ecs").create_cluster(clusterName="shop-prod")
    deploy_worker("shop", "prod", "worker", scales=False)
    planned = ops("scaling", "plan", "--env", "prod")
    assert planned.code == 1
    assert "has a fixed count, so nothing can scale it" in planned.err
    assert "another tool" not in planned.err

    boto3.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=TARGET,
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=3,
        MaxCapacity=7,
    )
    planned = ops("scaling", "plan", "--env", "prod")
    assert "`worker` has a scalable target (3 to 7 tasks) that Copilot did not make" in planned.err


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


def test_cooldowns_are_durations(ops: Ops, deployed: dict[str, str], workspace: Path) -> None:
    path = workspace / "copilot/worker/ops.yml"
    path.write_text(FILES["copilot/worker/ops.yml"] + "    scale_out_cooldown: 1m30s\n")
    ops("scaling", "sync", "--env", "prod")
    assert policies()[0][CONFIGURATION]["ScaleOutCooldown"] == 90
