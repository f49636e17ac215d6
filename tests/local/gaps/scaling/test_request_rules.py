"""Policies, actions and mute rules that the service model accepts and AWS refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.local.gaps.scaling.test_policy_alarms import scalable

if TYPE_CHECKING:
    from collections.abc import Callable

GAP = [
    {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 1},
    {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 2},
]


def policy(client: Callable[[str], Any], name: str, steps: list[dict[str, Any]]) -> None:
    client("application-autoscaling").put_scaling_policy(
        PolicyName=name,
        **scalable(client, name),
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": steps,
        },
    )


def action(client: Callable[[str], Any], name: str, zone: str, least: int = 1) -> None:
    client("application-autoscaling").put_scheduled_action(
        ScheduledActionName=name,
        **scalable(client, name),
        Schedule="cron(0 7 * * ? *)",
        Timezone=zone,
        ScalableTargetAction={"MinCapacity": least, "MaxCapacity": 5},
    )


def mute(client: Callable[[str], Any], name: str, **schedule: str) -> None:
    given = {"Expression": "cron(0 19 * * *)", "Duration": "PT12H", **schedule}
    client("cloudwatch").put_alarm_mute_rule(Name=name, Rule={"Schedule": given})


def test_moto_still_takes_steps_with_a_gap(moto: Callable[[str], Any], name: str) -> None:
    policy(moto, name, GAP)


def test_moto_still_takes_any_time_zone(moto: Callable[[str], Any], name: str) -> None:
    action(moto, name, "Factory")


def test_steps_with_a_gap_are_refused(embedded: Callable[[str], Any], name: str) -> None:
    with pytest.raises(ClientError, match=r"ValidationException.*no gap and no overlap"):
        policy(embedded, name, GAP)
    policy(embedded, name, [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}])


def test_zones_that_joda_time_does_not_know_are_refused(
    embedded: Callable[[str], Any], name: str
) -> None:
    with pytest.raises(ClientError, match="The time zone Factory is not supported"):
        action(embedded, name, "Factory")
    action(embedded, name, "Europe/Berlin")


def test_a_minimum_above_the_maximum_is_refused(embedded: Callable[[str], Any], name: str) -> None:
    with pytest.raises(ClientError, match="MaxCapacity 5 must not be less than MinCapacity 6"):
        action(embedded, name, "UTC", least=6)
    with pytest.raises(ClientError, match="MaxCapacity 1 must not be less"):
        embedded("application-autoscaling").register_scalable_target(
            **scalable(embedded, name), MinCapacity=2, MaxCapacity=1
        )


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        ({"Duration": "P16D"}, "must be from PT1M to P15D"),
        ({"Duration": "PT0M"}, "must be from PT1M to P15D"),
        ({"Duration": "PT"}, "must be from PT1M to P15D"),
        ({"Duration": "12 hours"}, "must be from PT1M to P15D"),
        ({"Expression": "cron(0 19 * * ? *)"}, r"must be at\(yyyy-MM-ddThh:mm\) or cron"),
        ({"Expression": "rate(1 day)"}, "must be at"),
        ({"Timezone": "CEST"}, "The time zone CEST does not exist"),
    ],
)
def test_mute_rules_that_cannot_be_kept_are_refused(
    embedded: Callable[[str], Any], name: str, schedule: dict[str, str], why: str
) -> None:
    with pytest.raises(ClientError, match=why):
        mute(embedded, name, **schedule)
    mute(embedded, name)
