"""Step policies and the alarms that invoke them, against moto over HTTP.

moto evaluates no alarm and accepts any metric math; test_steps.py checks the scaling by
arithmetic.
"""

from pathlib import Path
from typing import Any

import boto3
import pytest

from ops.copilot.workspace import WorkspaceError, load_workspace
from tests.ops.conftest import Ops, Run
from tests.ops.support.copilot_stacks import target_name
from tests.ops.support.existing_alarm import put_alarm

POLICY = "worker/ops-load-out"
ALARM = "ops-shop-prod-worker-load-out"
OPS_YML = """\
queue: {name: jobs}
scaling:
  load_per_task: {seconds_per_task: 0.5}
"""


def policies() -> dict[str, Any]:
    client = boto3.client("application-autoscaling")
    answer = client.describe_scaling_policies(ServiceNamespace="ecs")
    return {policy["PolicyName"]: policy for policy in answer["ScalingPolicies"]}


def alarms() -> dict[str, Any]:
    answer = boto3.client("cloudwatch").describe_alarms()
    return {alarm["AlarmName"]: alarm for alarm in answer["MetricAlarms"]}


@pytest.fixture
def declared(deployed: dict[str, str], workspace: Path) -> Path:
    path = workspace / "copilot/worker/ops.yml"
    path.write_text(OPS_YML)
    boto3.client("sqs").create_queue(QueueName="jobs")
    return path


@pytest.fixture
def synced(ops: Ops, declared: Path) -> Path:
    assert ops("scaling", "sync", "--env", "prod").code == 0
    return declared


def scaling(ops: Ops, command: str, *options: str) -> Run:
    return ops("scaling", command, "--env", "prod", *options)


def test_a_policy_has_its_alarm_and_a_second_sync_finds_nothing(
    ops: Ops, synced: Path, calls: list[str]
) -> None:
    assert policies().keys() == {"ops-load-out", "ops-load-in"}
    assert alarms().keys() == {ALARM, "ops-shop-prod-worker-load-in"}
    for side in ("out", "in"):
        alarm = alarms()[f"ops-shop-prod-worker-load-{side}"]
        assert alarm["AlarmActions"] == [policies()[f"ops-load-{side}"]["PolicyARN"]]
    tags = boto3.client("cloudwatch").list_tags_for_resource(
        ResourceARN=alarms()[ALARM]["AlarmArn"]
    )["Tags"]
    assert {"Key": "managed-by", "Value": "ops-scaling"} in tags
    assert {"Key": "copilot-environment", "Value": "prod"} in tags

    calls.clear()
    again = scaling(ops, "sync")
    assert "all 2 are as declared" in again.out
    assert "warning" not in again.err
    reads = ["DescribeScalingPolicies", "GetResources", "DescribeScheduledActions"]
    reads += ["DescribeAlarms", "ListQueues"]
    reads_of_places = {"ListStackResources", "DescribeServices"}
    assert [call for call in calls if call not in reads_of_places] == reads

    listed = scaling(ops, "list", "--output", "json").data["resources"]
    assert [each["alarms"] for each in listed] == [1, 1]


def test_the_alarm_is_no_alarm_of_the_kind_alarms(ops: Ops, synced: Path) -> None:
    assert ops("alarms", "delete", "--env", "prod").code == 0
    assert ops("alarms", "sync", "--env", "prod", "--prune").code == 0
    assert {ALARM, "ops-shop-prod-worker-load-in"} <= alarms().keys()


def test_a_changed_declaration_changes_policy_and_alarm(ops: Ops, synced: Path) -> None:
    synced.write_text(OPS_YML.replace("0.5}", "0.5, scale_out_above: 1.3}"))
    planned = scaling(ops, "plan", "--output", "json").data["kinds"][0]["changes"]
    fields = {each["field"] for change in planned for each in change["fields"]}
    assert fields == {"StepScalingPolicyConfiguration.StepAdjustments", "Alarm.Threshold"}
    assert scaling(ops, "sync").code == 0
    assert alarms()[ALARM]["Threshold"] == 1.3
    assert scaling(ops, "plan", "--exit-code").code == 0


def test_what_people_did_to_the_alarm_stays(ops: Ops, synced: Path) -> None:
    client = boto3.client("cloudwatch")
    by_hand = {
        key: value
        for key, value in alarms()[ALARM].items()
        if key
        in (
            "AlarmName",
            "ComparisonOperator",
            "EvaluationPeriods",
            "Metrics",
            "TreatMissingData",
        )
    }
    topic = "arn:aws:sns:eu-central-1:123456789012:people"
    client.put_metric_alarm(
        **by_hand, Threshold=7, ActionsEnabled=False, AlarmActions=[topic], OKActions=[topic]
    )
    planned = scaling(ops, "plan")
    assert "Alarm.Threshold" in planned.out
    assert "Alarm.ScalingPolicy" in planned.out  # it no longer invokes the policy
    assert scaling(ops, "sync").code == 0
    mended = alarms()[ALARM]
    assert (mended["Threshold"], mended["ActionsEnabled"]) == (1.15, False)
    assert mended["AlarmActions"] == [topic, policies()["ops-load-out"]["PolicyARN"]]
    assert mended["OKActions"] == [topic]
    assert scaling(ops, "plan", "--exit-code").code == 0


def test_a_sync_that_broke_off_is_finished_by_the_next(ops: Ops, synced: Path) -> None:
    """The sync stopped before the alarm was created; later somebody deleted the policy."""
    boto3.client("cloudwatch").delete_alarms(AlarmNames=[ALARM])
    assert f"~ update {POLICY}" in scaling(ops, "plan").out
    assert scaling(ops, "sync").code == 0
    assert alarms()[ALARM]["AlarmActions"] == [policies()["ops-load-out"]["PolicyARN"]]
    assert scaling(ops, "plan", "--exit-code").code == 0

    delete_policy("ops-load-out")
    assert scaling(ops, "sync").code == 0
    assert alarms()[ALARM]["AlarmActions"] == [policies()["ops-load-out"]["PolicyARN"]]
    assert scaling(ops, "plan", "--exit-code").code == 0


def test_pruning_removes_both_also_after_it_broke_off(ops: Ops, synced: Path) -> None:
    boto3.client("cloudwatch").delete_alarms(AlarmNames=[ALARM])  # its policy was to go next
    synced.write_text("")
    assert scaling(ops, "sync", "--prune").code == 0
    assert policies() == {}
    assert alarms() == {}
    assert "Nothing is declared" in scaling(ops, "sync", "--prune").out


def test_alarms_whose_policies_went_with_their_target_are_pruned(ops: Ops, synced: Path) -> None:
    for side in ("out", "in"):
        delete_policy(f"ops-load-{side}")  # CloudFormation removed the target
    put_alarm(boto3.client("cloudwatch"), "ops-shop-prod-worker-load-by-hand")
    synced.write_text("")
    pruned = scaling(ops, "sync", "--prune")
    assert pruned.code == 0, pruned
    assert f"deleted {POLICY}" in pruned.out
    assert alarms().keys() == {"ops-shop-prod-worker-load-by-hand"}


def test_somebody_elses_alarm_of_that_name_is_a_conflict(ops: Ops, declared: Path) -> None:
    put_alarm(boto3.client("cloudwatch"), ALARM, threshold=80)
    run = scaling(ops, "sync")
    assert run.code == 1
    assert f"needs the alarm `{ALARM}`, which exists and was not created by ops" in run.out
    assert alarms()[ALARM]["Threshold"] == 80
    assert policies().keys() == {"ops-load-in"}


def test_another_policy_on_the_target_is_told(ops: Ops, synced: Path) -> None:
    boto3.client("application-autoscaling").put_scaling_policy(
        **target("shop-prod-worker-ScalingPolicy"),
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "ECSServiceAverageCPUUtilization"
            },
            "TargetValue": 70,
        },
    )
    planned = scaling(ops, "plan", "--exit-code")
    assert planned.code == 0
    assert "warning: `worker` has another scaling policy, `shop-prod-worker-Scal" in planned.err
    [warning] = scaling(ops, "plan", "--output", "json").data["warnings"]
    assert "tasks are added when either policy requires it" in warning
    assert "**Warnings**" in scaling(ops, "plan", "--output", "markdown").out


def test_a_doubtful_setting_is_told_and_carried_out(ops: Ops, declared: Path) -> None:
    declared.write_text(OPS_YML.replace("0.5}", "0.5, scale_out_cooldown: 1m}"))
    run = scaling(ops, "sync")
    assert run.code == 0
    assert "warning: `worker`: load_per_task.scale_out_cooldown is 60 s" in run.err
    assert "Make it at least 300s." in run.err
    assert policies()["ops-load-out"]["StepScalingPolicyConfiguration"]["Cooldown"] == 60


def test_every_way_to_scale_reads_back_as_written(ops: Ops, declared: Path) -> None:
    declared.write_text("""\
queue: {name: jobs}
scaling:
  queue_depth: {target: 1000, scale_in: false}
  backlog_per_task:
    acceptable_latency: 2m
    seconds_per_task: 0.5
    in_flight: true
    scale_in: false
  published_load: {namespace: Shop, dimensions: {Environment: prod}}
  step:
    first: {by: unclaimed, add: {1: 1}}
    burst: {add: {500: 4, 2000: 8}, cooldown: 4m}
    late: {by: age, add: {120: 2}, after: 2}
""")
    assert scaling(ops, "sync").code == 0
    assert len(policies()) == 7
    assert len(alarms()) >= 5
    again = scaling(ops, "plan", "--exit-code")
    assert again.code == 0, again.out
    assert scaling(ops, "delete").code == 0
    assert policies() == {}


def test_an_alarm_that_looks_back_too_far_is_told_with_its_line(workspace: Path) -> None:
    path = workspace / "copilot/worker/ops.yml"
    declared = (
        "queue: {{name: jobs}}\nscaling:\n  load_per_task:\n    seconds_per_task: 1\n"
        "    scale_in_after: {}\n"
    )
    path.write_text(declared.format(1440))
    load_workspace(workspace).service_settings("worker", "prod")
    path.write_text(declared.format(2000))
    with pytest.raises(WorkspaceError) as raised:
        load_workspace(workspace).service_settings("worker", "prod")
    [told] = map(str, raised.value.problems)
    assert told == (
        "copilot/worker/ops.yml:3: scaling.load_per_task: looks back too far: `scale_in_after` "
        "times the period of 1m is at most a day, for periods under an hour"
    )


def target(policy: str) -> Any:  # noqa: ANN401  # parameters of any call about a policy
    return {
        "PolicyName": policy,
        "ServiceNamespace": "ecs",
        "ResourceId": target_name("shop", "prod", "worker"),
        "ScalableDimension": "ecs:service:DesiredCount",
    }


def delete_policy(name: str) -> None:
    boto3.client("application-autoscaling").delete_scaling_policy(**target(name))
