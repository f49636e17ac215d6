"""Requests that Application Auto Scaling refuses."""

import zoneinfo
from typing import Any

import pytest

from ops.control.scaling import action_refusals, is_zone, policy_refusals

ZONES = zoneinfo.available_timezones()


def steps(*bounds: tuple[float | None, float | None]) -> dict[str, Any]:
    names = ("MetricIntervalLowerBound", "MetricIntervalUpperBound")
    adjustments = [
        {
            **{name: bound for name, bound in zip(names, each, strict=True) if bound is not None},
            "ScalingAdjustment": 1,
        }
        for each in bounds
    ]
    return {
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": {
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": adjustments,
        },
    }


@pytest.mark.parametrize(
    "bounds",
    [
        [(0, None)],
        [(0, 10), (10, None)],
        [(None, -10), (-10, 0)],
        [(None, -10), (-10, 0), (0, 10), (10, None)],
        [(10, None), (0, 10)],
    ],
)
def test_steps_without_gap_and_overlap_are_taken(bounds: list[Any]) -> None:
    assert list(policy_refusals(steps(*bounds))) == []


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        ([(None, None)], "At least one bound"),
        ([(0, 10), (20, None)], "no gap"),
        ([(0, 10), (5, None)], "no gap and no overlap"),
        ([(0, None), (10, None)], "no gap and no overlap"),
        ([(10, 0)], "must be greater"),
        ([(-10, 0)], "If a lower bound is negative"),
        ([(0, 10)], "If an upper bound is positive"),
        ([(float("nan"), None)], "must be numbers"),
        ([(each, each + 1) for each in range(20)] + [(20, None)], "at most 20"),
    ],
)
def test_other_steps_are_refused(bounds: list[Any], why: str) -> None:
    assert why in "; ".join(policy_refusals(steps(*bounds)))


def test_a_policy_has_the_configuration_of_its_type() -> None:
    [problem] = policy_refusals({"PolicyType": "TargetTrackingScaling"})
    assert problem.startswith("TargetTrackingScalingPolicyConfiguration must be given")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Etc/GMT+9", "UTC", "Pacific/Tahiti"])
def test_zones_of_joda_time_are_taken(zone: str) -> None:
    assert is_zone(zone, ZONES)


@pytest.mark.parametrize(
    "zone", ["Factory", "localtime", "posixrules", "posix/Europe/Berlin", "europe/berlin", "CEST"]
)
def test_other_zones_are_refused(zone: str) -> None:
    assert list(action_refusals({"Timezone": zone}, ZONES)) == [
        f"The time zone {zone} is not supported"
    ]


def test_a_minimum_is_not_above_the_maximum() -> None:
    limits = {"ScalableTargetAction": {"MinCapacity": 3, "MaxCapacity": 2}}
    assert list(action_refusals(limits, ZONES)) == [
        "MaxCapacity 2 must not be less than MinCapacity 3"
    ]
