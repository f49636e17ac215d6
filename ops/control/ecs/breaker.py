"""The deployment circuit breaker. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentCircuitBreaker.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ThresholdConfiguration.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_LEAST, _MOST = 3, 200  # of BOUNDED_PERCENT


class Kind(StrEnum):
    """The meaning of a threshold's value."""

    COUNT = "COUNT"  # so many failed tasks
    BOUNDED = "BOUNDED_PERCENT"  # of the desired count, at least 3 and at most 200
    UNBOUNDED = "UNBOUNDED_PERCENT"


@dataclass(frozen=True)
class Breaker:
    """`deploymentCircuitBreaker`, with ECS's defaults."""

    enabled: bool = False
    rolls_back: bool = False
    kind: Kind = Kind.BOUNDED
    value: int = 50
    resets: bool = True
    """Whether a task that becomes healthy sets the number of failures to 0."""

    @classmethod
    def of(cls, described: Mapping[str, Any] | None) -> "Breaker":
        """Read the API's form. CloudFormation's values may be strings."""
        given = described or {}
        threshold = given.get("thresholdConfiguration") or {}
        return cls(
            _is_true(given.get("enable", False)),
            _is_true(given.get("rollback", False)),
            Kind(threshold.get("type", Kind.BOUNDED)),
            int(threshold.get("value", 50)),
            _is_true(given.get("resetOnHealthyTask", True)),
        )

    def threshold(self, desired: int) -> int:
        """Return the number of failed tasks at which a deployment fails.

        A percentage is rounded up, and 0 is read as 1: AWS documents neither.
        """
        if self.kind is Kind.COUNT:
            return max(1, self.value)
        share = math.ceil(desired * self.value / 100)
        return max(1, share) if self.kind is Kind.UNBOUNDED else max(_LEAST, min(_MOST, share))

    def after_healthy(self, failures: int) -> int:
        """Return the number of failures after a task has become healthy."""
        return 0 if self.resets else failures

    def trips(self, failures: int, desired: int) -> bool:
        """Return whether the circuit breaker fails the deployment."""
        return self.enabled and failures >= self.threshold(desired)


def _is_true(value: object) -> bool:
    return value in (True, "true", "True")
