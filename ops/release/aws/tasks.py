"""Restarting and scaling of a service's tasks, each watched to its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ops.aws.access import Access
from ops.aws.autoscaling.remote import AutoScaling, scaling_access
from ops.aws.client import Aws
from ops.base import clock
from ops.base.errors import OpsError
from ops.base.words import number, span, tasks_between
from ops.copilot.place import ServicePlace
from ops.copilot.workload import TaskRange
from ops.release.aws.reasons import Reasons

ECS = Access("ecs", reads=("DescribeServices",), writes=("UpdateService",))
SCALING = scaling_access(reads=("DescribeScalableTargets",))

_LOOK_AGAIN = 2.0  # seconds
DEADLINE = 1800.0  # seconds


@dataclass(frozen=True)
class Counts:
    """The tasks of a service, and its newest deployment."""

    desired: int
    running: int
    deployment: str
    rollout: str
    is_alone: bool  # no older deployment is left
    reason: str


class Tasks:
    """The tasks of one service."""

    def __init__(self, aws: Aws, place: ServicePlace) -> None:
        self._place = place
        self._ecs: Any = aws.client(ECS)
        self._scaling = AutoScaling(aws, SCALING)
        self._reasons = Reasons(aws, place.application, place.environment)

    def restart(self, tell: Callable[[str], None]) -> int:
        """Replace every task by a new one of the same task definition; return how many run.

        Raise OpsError with ECS's reason and the last log lines if the new ones do not become
        healthy.
        """
        began = clock.now()
        deployment = _counts(self._update(forceNewDeployment=True)).deployment

        def outcome(counts: Counts) -> bool:
            if counts.deployment != deployment or counts.rollout == "FAILED":
                lines = self._reasons.of(self._place.service, self._arn, began)
                raise OpsError(
                    "\n  ".join([f"The new tasks of `{self._place.service}` fail", *lines]),
                    "The old tasks continue. Fix the cause, and restart again.",
                )
            return counts.rollout == "COMPLETED" and counts.is_alone

        return self._wait(outcome, tell).running

    def scale(self, count: int, tell: Callable[[str], None]) -> int:
        """Set the number of tasks; return it once so many run.

        Raise OpsError for a number outside of the service's range.
        """
        self._check_range(count)
        self._update(desiredCount=count)

        def is_done(counts: Counts) -> bool:
            if counts.desired != count:
                raise OpsError(
                    f"Somebody or a scaling policy set `{self._place.service}` to "
                    f"{counts.desired} in the meantime",
                    f"`ops why {self._place.service}` shows what scales it.",
                )
            return counts.running == count

        return self._wait(is_done, tell).running

    @property
    def _arn(self) -> str:
        stack = self._place.stack
        return (
            f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}:service/"
            f"{stack.cluster}/{stack.service}"
        )

    def _update(self, **settings: object) -> Mapping[str, Any]:
        answer = self._ecs.update_service(
            cluster=self._place.stack.cluster, service=self._place.stack.service, **settings
        )
        service: Mapping[str, Any] = answer["service"]
        return service

    def _wait(self, is_done: Callable[[Counts], bool], tell: Callable[[str], None]) -> Counts:
        waited, last_line = 0.0, ""
        while waited < DEADLINE:
            answer = self._ecs.describe_services(
                cluster=self._place.stack.cluster, services=[self._place.stack.service]
            )
            counts = _counts(answer["services"][0])
            running = number(counts.running, "task")
            line = f"  {self._place.service}: {running} running, {counts.desired} desired"
            if line != last_line:
                tell(line)
                last_line = line
            if is_done(counts):
                return counts
            clock.sleep(_LOOK_AGAIN)
            waited += _LOOK_AGAIN
        raise OpsError(
            f"`{self._place.service}` has not settled after {span(DEADLINE)}: {line.strip()}",
            f"`ops status {self._place.service}` shows what runs.",
        )

    def _check_range(self, count: int) -> None:
        """Raise OpsError if a number is outside of the service's range."""
        for target in self._scaling.targets([self._place.stack.target_id]).values():
            if not target.least <= count <= target.most:
                raise OpsError(
                    f"`{self._place.service}` has {tasks_between(target.least, target.most)}, and "
                    f"Application Auto Scaling would undo {count}",
                    _owner(self._place, TaskRange(target.least, target.most)),
                )


def until_when(place: ServicePlace) -> str:
    """Return how long a number of tasks set here lasts."""
    tasks = place.workload.tasks
    if place.stack.scalable_target is not None:
        return "Its scaling policies change it again when their alarms say so."
    if tasks is not None and tasks.least == tasks.most:
        return f"The next deployment sets it back to the manifest's {tasks.least}."
    return "The next deployment sets it to the manifest's count."


def _owner(place: ServicePlace, live: TaskRange) -> str:
    if place.workload.tasks == live:
        return f"Change `count: range:` in copilot/{place.service}/manifest.yml, and deploy."
    return (
        "That is not the manifest's range: `ops schedules` or another tool set it. "
        f"`ops why {place.service}` tells more."
    )


def _counts(service: Mapping[str, Any]) -> Counts:
    deployments = service["deployments"]
    primary: Mapping[str, Any] = next((e for e in deployments if e["status"] == "PRIMARY"), {})
    return Counts(
        service["desiredCount"],
        service["runningCount"],
        primary.get("id", ""),
        primary.get("rolloutState", "COMPLETED"),
        len(deployments) == 1,
        primary.get("rolloutStateReason", ""),
    )
