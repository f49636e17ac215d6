"""Policies and scheduled actions change the desired count."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.local.loop.world import NOON, RESOURCE, TARGET

if TYPE_CHECKING:
    from tests.local.loop.world import World


def track(world: World, target: float = 100, **rest: float) -> None:
    """Put a target tracking policy on the shop's load."""
    world.policy(
        PolicyName="load",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": target,
            "CustomizedMetricSpecification": {
                "MetricName": "Load",
                "Namespace": "Shop",
                "Statistic": "Average",
            },
            **rest,
        },
    )


def counts(world: World, minutes: int, load: float | None) -> dict[int, int]:
    """Return the desired count after each minute in which it changes; tasks start at once."""
    changes: dict[int, int] = {}
    before = world.desired()
    for minute in range(1, minutes + 1):
        world.metric(load)
        world.minutes(1)
        count = world.desired()
        if count != before:
            changes[minute] = before = count
            world.run_tasks(count)
    return changes


def test_target_tracking_takes_three_minutes_out_and_fifteen_in(world: World) -> None:
    world.service(2)
    track(world)
    assert counts(world, 5, 250) == {3: 5}
    assert counts(world, 16, 10) == {15: 1}
    told = [
        (each["Description"], each["Cause"].split(" in state ")[1]) for each in world.activities()
    ]
    assert told == [
        ("Setting desired count to 1.", "ALARM triggered policy load"),
        ("Setting desired count to 5.", "ALARM triggered policy load"),
    ]


def test_no_data_is_never_taken_for_low_load(world: World) -> None:
    world.service(6)
    track(world)
    assert counts(world, 25, None) == {}


def test_a_second_rise_waits_for_the_cooldown(world: World) -> None:
    world.service(2)
    track(world, ScaleOutCooldown=300)
    assert counts(world, 10, 150) == {3: 3, 8: 5}


def test_a_deployment_holds_scaling_in_back_and_says_why(world: World) -> None:
    world.service(4)
    track(world)
    world.moto_service().deployments[0]["rolloutState"] = "IN_PROGRESS"
    assert counts(world, 17, 10) == {}
    rules = {each["rule"] for each in world.loop.journal.entries() if each["kind"] == "scaling"}
    assert rules == {"load: a deployment is in progress"}
    assert counts(world, 3, 250) == {3: 10}


def test_a_step_policy_acts_at_the_alarm_and_after_each_cooldown(world: World) -> None:
    world.service(2)
    arn = world.policy(
        PolicyName="steps",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "Cooldown": 300,
            "StepAdjustments": [
                {
                    "MetricIntervalLowerBound": 0,
                    "MetricIntervalUpperBound": 100,
                    "ScalingAdjustment": 1,
                },
                {"MetricIntervalLowerBound": 100, "ScalingAdjustment": 3},
            ],
        },
    )
    world.alarm(EvaluationPeriods=1, AlarmActions=[arn])
    assert counts(world, 7, 50) == {1: 3, 6: 4}
    assert counts(world, 1, 500) == {1: 6}  # a larger step: two more than the one of minute 6


def test_what_cannot_scale_is_told_with_awss_code(world: World) -> None:
    world.service(20)
    track(world)
    assert counts(world, 4, 250) == {}
    assert world.activities() == []
    reasons = [each["NotScaledReasons"] for each in world.activities(all_of_them=True)]
    full = {"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 20, "CurrentCapacity": 20}
    assert reasons == [[full], [full]]


def test_a_suspended_target_stays_and_acts_once_it_is_resumed(world: World) -> None:
    world.service(2)
    track(world)
    scaling = world.client("application-autoscaling")
    scaling.register_scalable_target(**TARGET, SuspendedState={"DynamicScalingOutSuspended": True})
    assert counts(world, 5, 250) == {}
    scaling.register_scalable_target(**TARGET, SuspendedState={"DynamicScalingOutSuspended": False})
    assert counts(world, 1, 250) == {1: 5}


def test_off_hours_and_back_by_the_clock_of_berlin(world: World) -> None:
    world.service(3, least=2)
    scaling = world.client("application-autoscaling")
    for name, time, least, most in (("down", "5 14", 0, 0), ("up", "20 14", 2, 20)):
        scaling.put_scheduled_action(
            **TARGET,
            ScheduledActionName=name,
            Schedule=f"cron({time} * * ? *)",
            Timezone="Europe/Berlin",
            ScalableTargetAction={"MinCapacity": least, "MaxCapacity": most},
        )
    assert counts(world, 25, None) == {5: 0, 20: 2}  # noon in UTC is 14:00 in Berlin
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 20)
    assert world.activities()[0]["Cause"] == "scheduled action name up was triggered"


def test_an_action_is_also_performed_at_its_start_time(world: World) -> None:
    world.service(1)
    world.client("application-autoscaling").put_scheduled_action(
        **TARGET,
        ScheduledActionName="later",
        Schedule="cron(0 0 * * ? *)",
        StartTime=datetime.fromtimestamp(NOON + 180, UTC),
        ScalableTargetAction={"MinCapacity": 4},
    )
    assert counts(world, 5, None) == {3: 4}


def test_a_scaling_decision_is_recorded_with_its_inputs(world: World) -> None:
    world.service(2)
    track(world)
    counts(world, 3, 250)
    entry = next(each for each in world.loop.journal.entries() if each["kind"] == "scaling")
    assert entry["subject"] == RESOURCE
    assert entry["rule"] == "load asks for 5"
    assert (entry["running"], entry["desired"], entry["values"]) == (2, 2, {"load": 250.0})
