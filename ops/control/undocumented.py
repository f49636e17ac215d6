"""Behaviour that AWS does not document, as named choices in one place.

The default of each field is our reading, with its evidence. The embedded AWS and the simulator both
accept a value of `Choices`, so that a result can be repeated under the other reading.
"""

from dataclasses import dataclass
from enum import StrEnum


class Premature(StrEnum):
    """The possible states while breaching points are too young for ALARM and there are no
    others.

    CloudWatch documents only that the alarm does not go into ALARM yet.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """

    KEEP = "keep"
    OK = "ok"


class Filler(StrEnum):
    """The result of `FILL` for a metric that has no point in the range."""

    NOTHING = "nothing"
    FILLS = "fills"


class Removal(StrEnum):
    """The number of tasks that target tracking removes at once; AWS says "gradually".

    https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
    """

    PROPORTIONAL = "proportional"  # all that the formula allows
    ONE = "one"
    HALF = "half"  # half of what the formula allows, rounded up


class Skipped(StrEnum):
    """The time of a schedule whose local time is skipped because clocks go forward."""

    AFTER = "after"  # at the first moment after the gap
    NEVER = "never"


@dataclass(frozen=True)
class Delays:
    """Seconds from the end of a period until its values can be read. AWS gives no figures."""

    sqs: float = 60
    ecs: float = 120
    ecs_high_resolution: float = 20
    """Of services with 20-second metrics, which ECS has "to drive faster" scaling."""
    balancer: float = 60
    log_lines: float = 15
    inactive_queue: float = 900  # documented as "up to 15 minutes"


@dataclass(frozen=True)
class Choices:
    """A choice for every rule that AWS leaves open."""

    spare_periods: int = 2
    """Points that an alarm fetches beyond its N; AWS gives one example, 5 for N = 3."""
    premature: Premature = Premature.KEEP
    fill_of_nothing: Filler = Filler.NOTHING
    removal: Removal = Removal.PROPORTIONAL
    skipped: Skipped = Skipped.AFTER
    larger_restarts_cooldown: bool = True
    """Whether a larger scale-out within a cooldown begins the cooldown anew."""
    scheduled_during_deployment: bool = True
    """Whether scheduled actions act while a deployment is in progress."""
    bake_windows: float = 2.5
    """How many of its alarms' longest windows a deployment bakes for. ECS computes it from the
    alarms: https://github.com/aws/copilot-cli/pull/4294. An alarm on three minutes needs more than
    two windows: its first whole minute begins up to a minute late, and values come two minutes
    late."""
    delays: Delays = Delays()


DEFAULT = Choices()
