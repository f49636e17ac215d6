"""The alarms behind a target tracking policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUE_DEPTH = {
    "CustomizedMetricSpecification": {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Statistic": "Average",
        "Dimensions": [{"Name": "QueueName", "Value": "jobs"}],
    }
}
BACKLOG = {
    "CustomizedMetricSpecification": {
        "Metrics": [
            {
                "Id": "visible",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/SQS",
                        "MetricName": "ApproximateNumberOfMessagesVisible",
                        "Dimensions": [{"Name": "QueueName", "Value": "jobs"}],
                    },
                    "Stat": "Average",
                },
                "ReturnData": False,
            },
            {"Id": "backlog", "Expression": "visible / 2"},
        ]
    }
}
CPU = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}


def scalable(client: Callable[[str], Any], name: str) -> dict[str, Any]:
    """Create a scalable ECS service unless it exists; return the names that identify it."""
    client("ecs").create_cluster(clusterName=name)
    client("ecs").register_task_definition(
        family=name, containerDefinitions=[{"name": "main", "image": "x", "memory": 128}]
    )
    if not client("ecs").describe_services(cluster=name, services=[name])["services"]:
        client("ecs").create_service(
            cluster=name, serviceName=name, taskDefinition=name, desiredCount=0
        )
    what = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{name}/{name}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    client("application-autoscaling").register_scalable_target(**what, MinCapacity=1, MaxCapacity=9)
    return what


def alarms(
    client: Callable[[str], Any], name: str, target: float, follows: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return the alarms of a new policy by scaling direction."""
    what = scalable(client, name)
    scaling = client("application-autoscaling")
    scaling.put_scaling_policy(
        **what,
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": target, **follows},
    )
    (policy,) = scaling.describe_scaling_policies(
        ServiceNamespace="ecs", ResourceId=what["ResourceId"]
    )["ScalingPolicies"]
    names = [each["AlarmName"] for each in policy["Alarms"]]
    found = client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    assert len(found) == len(names) == 2
    return {"High" if "AlarmHigh" in each["AlarmName"] else "Low": each for each in found}


def every_alarm(client: Callable[[str], Any], name: str) -> list[str]:
    found = client("cloudwatch").describe_alarms(AlarmNamePrefix=f"TargetTracking-service/{name}/")
    return [each["AlarmName"] for each in found["MetricAlarms"]]


def test_moto_still_alarms_at_six_of_another_metric(moto: Callable[[str], Any], name: str) -> None:
    made = alarms(moto, name, 100, QUEUE_DEPTH)
    assert {alarm["Threshold"] for alarm in made.values()} == {6.0}
    assert {alarm["Namespace"] for alarm in made.values()} == {"AWS/ECS"}


def test_moto_still_leaves_the_alarms_of_a_former_policy_behind(
    moto: Callable[[str], Any], name: str
) -> None:
    alarms(moto, name, 70, CPU)
    alarms(moto, name, 50, CPU)
    assert len(every_alarm(moto, name)) == 4


def test_a_policys_alarms_stand_at_its_target_and_below(
    embedded: Callable[[str], Any], name: str
) -> None:
    made = alarms(embedded, name, 100, QUEUE_DEPTH)
    assert {way: alarm["Threshold"] for way, alarm in made.items()} == {"High": 100, "Low": 90}
    assert {way: alarm["EvaluationPeriods"] for way, alarm in made.items()} == {
        "High": 3, "Low": 15,
    }  # fmt: skip
    for alarm in made.values():
        assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": "jobs"}]
        assert "scalingPolicy" in alarm["AlarmActions"][0]


def test_a_predefined_metric_is_the_services_own(embedded: Callable[[str], Any], name: str) -> None:
    high = alarms(embedded, name, 70, CPU)["High"]
    assert (high["Namespace"], high["MetricName"]) == ("AWS/ECS", "CPUUtilization")
    dimensions = {each["Name"]: each["Value"] for each in high["Dimensions"]}
    assert dimensions == {"ClusterName": name, "ServiceName": name}


def test_a_policy_on_twenty_seconds_reads_them(embedded: Callable[[str], Any], name: str) -> None:
    often = {"PredefinedMetricType": "ECSServiceAverageMemoryUtilizationHighResolution"}
    made = alarms(embedded, name, 70, {"PredefinedMetricSpecification": often})
    assert {alarm["MetricName"] for alarm in made.values()} == {"MemoryUtilization"}
    periods = {way: (alarm["EvaluationPeriods"], alarm["Period"]) for way, alarm in made.items()}
    assert periods == {"High": (3, 20), "Low": (45, 20)}


def test_a_policy_that_is_put_again_brings_its_alarms_in_line(
    embedded: Callable[[str], Any], name: str
) -> None:
    before = alarms(embedded, name, 70, CPU)["High"]
    after = alarms(embedded, name, 50, CPU)["High"]
    assert after["Threshold"] == 50
    assert after["AlarmActions"] == before["AlarmActions"], "the policy's ARN stays"
    assert len(every_alarm(embedded, name)) == 2


def arns_of_a_step_policy(client: Callable[[str], Any], name: str) -> set[str]:
    """Return the two ARNs of a step policy that is put twice."""
    what = scalable(client, name)
    scaling = client("application-autoscaling")
    steps = {
        "AdjustmentType": "ChangeInCapacity",
        "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
    }
    return {
        scaling.put_scaling_policy(
            **what,
            PolicyName=name,
            PolicyType="StepScaling",
            StepScalingPolicyConfiguration=steps,
        )["PolicyARN"]
        for _ in range(2)
    }


def test_moto_still_gives_a_policy_another_arn(moto: Callable[[str], Any], name: str) -> None:
    assert len(arns_of_a_step_policy(moto, name)) == 2


def test_a_policy_keeps_its_arn(embedded: Callable[[str], Any], name: str) -> None:
    assert len(arns_of_a_step_policy(embedded, name)) == 1


def test_metric_math_has_alarms_of_its_own(embedded: Callable[[str], Any], name: str) -> None:
    made = alarms(embedded, name, 10, BACKLOG)
    assert {way: alarm["Threshold"] for way, alarm in made.items()} == {"High": 10, "Low": 9}
    for alarm in made.values():
        assert "MetricName" not in alarm
        visible, backlog = alarm["Metrics"]
        assert visible["MetricStat"]["Metric"]["Dimensions"] == [
            {"Name": "QueueName", "Value": "jobs"}
        ]
        assert not visible["ReturnData"]
        assert (backlog["Expression"], backlog["ReturnData"]) == ("visible / 2", True)
