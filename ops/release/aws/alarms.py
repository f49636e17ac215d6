"""The alarms that guard a deployment: they must be quiet before it, and stay quiet after it."""

from collections.abc import Collection
from typing import Any

from ops.aws.access import Access
from ops.aws.alarms import describe_alarms
from ops.aws.client import Aws
from ops.base.errors import OpsError

ACCESS = Access("cloudwatch", reads=("DescribeAlarms",))


class Alarms:
    """The alarms of an environment's workloads: tagged ones, and rollback alarms."""

    def __init__(self, aws: Aws, application: str, environment: str) -> None:
        self._aws = aws
        self._client: Any = aws.client(ACCESS)
        self._tags = {"copilot-application": application, "copilot-environment": environment}

    def of(self, workloads: Collection[str]) -> set[str]:
        """Return the names of all alarms that carry the tag of one of these workloads."""
        return {
            arn.split(":alarm:", 1)[1]
            for arn, tags in self._aws.tagged("cloudwatch:alarm", self._tags).items()
            if tags.get("copilot-service") in workloads
        }

    def firing(self, names: Collection[str]) -> set[str]:
        """Return the alarms that are in ALARM: one call for each 100."""
        return {
            alarm["AlarmName"]
            for alarm in describe_alarms(self._client, names)
            if alarm["StateValue"] == "ALARM"
        }

    def check_guards(self, names: Collection[str]) -> None:
        """Raise OpsError if an alarm that rolls a deployment back is in ALARM already.

        ECS then watches no alarm for that whole deployment:
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
        """
        if firing := self.firing(names):
            raise OpsError(
                f"{', '.join(sorted(firing))} is in ALARM, and guards a deployment: ECS would "
                "watch no alarm of this one",
                "Fix the cause first, or pass --ignore-alarms.",
            )
