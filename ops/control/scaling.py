"""Requests that Application Auto Scaling refuses, beyond the patterns of its model. Pure.

https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

MOST_STEPS = 20  # of one policy
MOST_POLICIES = 50  # of one scalable target
MOST_ACTIONS = 200  # scheduled ones of one scalable target

# Names that a machine's database has and Joda-Time lacks: its sources are the regions'
# files, `backward` and `etcetera`.
# https://github.com/JodaOrg/joda-time/tree/main/src/main/java/org/joda/time/tz/src
_NOT_OF_JODA_TIME = {"Factory", "localtime", "posixrules"}

Request = Mapping[str, Any]
Step = Mapping[str, Any]


def is_zone(name: str, known: Collection[str]) -> bool:
    """Return whether a scheduled action can have this time zone: one that Joda-Time knows.

    `known` are the names of the IANA database.
    """
    return name in known and name not in _NOT_OF_JODA_TIME


def policy_refusals(request: Request) -> Iterator[str]:
    """Yield why a request of PutScalingPolicy is refused."""
    kind = request.get("PolicyType", "StepScaling")
    own = f"{kind}PolicyConfiguration"
    if not request.get(own):
        yield f"{own} must be given for a policy of the type {kind}"
    step = request.get("StepScalingPolicyConfiguration")
    if kind == "StepScaling" and step:
        yield from _step_refusals(step)
    tracking = request.get("TargetTrackingScalingPolicyConfiguration")
    if kind == "TargetTrackingScaling" and tracking:
        if not math.isfinite(tracking["TargetValue"]):
            yield "TargetValue must be a finite number"
        yield from _negative(tracking, "ScaleOutCooldown", "ScaleInCooldown")


def _negative(configuration: Request, *names: str) -> Iterator[str]:
    for name in names:
        if configuration.get(name, 0) < 0:
            yield f"{name} must not be negative"


def _step_refusals(configuration: Request) -> Iterator[str]:
    steps: Sequence[Step] = configuration.get("StepAdjustments", ())
    if "AdjustmentType" not in configuration or not steps:
        yield "AdjustmentType and at least one step adjustment must be given"
    if len(steps) > MOST_STEPS:
        yield f"A policy has at most {MOST_STEPS} step adjustments, not {len(steps)}"
    yield from _negative(configuration, "Cooldown")
    yield from _bound_refusals(steps)
    if configuration.get("AdjustmentType") == "ExactCapacity" and any(
        step["ScalingAdjustment"] < 0 for step in steps
    ):
        yield "ScalingAdjustment must not be negative for ExactCapacity"


def _bound_refusals(steps: Sequence[Step]) -> Iterator[str]:
    """Yield why the bounds of steps are refused: gaps, overlaps, more than one open end.

    https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
    """
    bounds = sorted(
        (
            step.get("MetricIntervalLowerBound", -math.inf),
            step.get("MetricIntervalUpperBound", math.inf),
        )
        for step in steps
    )
    if any(math.isnan(bound) for pair in bounds for bound in pair):
        yield "The bounds of step adjustments must be numbers"
        return
    if (-math.inf, math.inf) in bounds:
        yield "At least one bound of each step adjustment must be given"
    if any(lower >= upper for lower, upper in bounds):
        yield "The upper bound of a step adjustment must be greater than its lower bound"
    if any(one[1] != other[0] for one, other in pairwise(bounds)):
        yield "There must be no gap and no overlap between step adjustments"
    elif bounds and -math.inf < bounds[0][0] < 0:
        yield "If a lower bound is negative, one step adjustment must have no lower bound"
    elif bounds and 0 < bounds[-1][1] < math.inf:
        yield "If an upper bound is positive, one step adjustment must have no upper bound"


def action_refusals(request: Request, zones: Collection[str]) -> Iterator[str]:
    """Yield why a request of PutScheduledAction is refused. `zones` are the IANA database's."""
    zone = request.get("Timezone")
    if zone is not None and not is_zone(zone, zones):
        yield f"The time zone {zone} is not supported"
    action = request.get("ScalableTargetAction", {})
    yield from capacity_refusals(action.get("MinCapacity"), action.get("MaxCapacity"))
    start, end = request.get("StartTime"), request.get("EndTime")
    if start is not None and end is not None and start >= end:
        yield "EndTime must be after StartTime"


def capacity_refusals(least: int | None, most: int | None) -> Iterator[str]:
    """Yield why two limits of a scalable target are refused."""
    for name, value in (("MinCapacity", least), ("MaxCapacity", most)):
        if value is not None and value < 0:
            yield f"{name} must not be negative"
    if least is not None and most is not None and least > most:
        yield f"MaxCapacity {most} must not be less than MinCapacity {least}"
