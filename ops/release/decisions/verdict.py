"""The verdict on one workload: whether it has reached its image. Pure.

The Copilot CLI's own word is not enough. It reports success after a rollback
(https://github.com/aws/copilot-cli/issues/5296), and gives up after 90 minutes although the stack
goes on. So the verdict depends on the stack, the deployment and the digest of every task.
"""

from dataclasses import dataclass
from typing import TypeAlias

from ops.base.words import number
from ops.release.decisions.model import Image

_COMPLETE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
ROLLBACK_FAILED = "UPDATE_ROLLBACK_FAILED"  # no update is possible until it is continued
_REMAINS = "UPDATE_ROLLBACK_COMPLETE"  # of an earlier failure; it can be updated


@dataclass(frozen=True)
class Task:
    """A running task: its image in the released repository, and its health."""

    digest: str | None  # None while ECS does not report it
    task_definition: str
    health: str = "UNKNOWN"  # HEALTHY, UNHEALTHY, or UNKNOWN without a check


@dataclass(frozen=True)
class Service:
    """An ECS service: its deployments, newest first, as (task definition, rollout state)."""

    desired: int
    deployments: tuple[tuple[str, str], ...]
    reason: str  # of the newest
    tasks: tuple[Task, ...]
    targets: int | None = None  # healthy behind the load balancer; None without one
    alarms: int = 0  # that ECS watches before it completes a deployment


@dataclass(frozen=True)
class Seen:
    """A workload at one moment. `service` is None for one without an ECS service."""

    stack: str | None  # status; None without a stack
    tag: str | None  # of the image in its task definition
    service: Service | None = None

    @property
    def is_changing(self) -> bool:
        """Return whether CloudFormation works on the stack."""
        return self.stack is not None and self.stack.endswith("_IN_PROGRESS")


@dataclass(frozen=True)
class Ended:
    """The end of the deploying tool: its exit code and last lines."""

    code: int
    words: str = ""


@dataclass(frozen=True)
class Done:
    """The workload runs its image and no other."""


@dataclass(frozen=True)
class Waiting:
    """The workload is being deployed; `what` says what it waits for."""

    what: str


@dataclass(frozen=True)
class Failed:
    """The workload will not run its image, with the reason."""

    why: str


Verdict: TypeAlias = Done | Waiting | Failed


def judge(seen: Seen, image: Image, ended: Ended | None) -> Verdict:
    """Return the verdict on a workload that is being deployed; `ended` once its tool has ended."""
    if seen.stack is not None and "ROLLBACK" in seen.stack and seen.is_changing:
        return Failed("CloudFormation is rolling the stack back")
    if seen.is_changing:
        return Waiting(f"stack {seen.stack}{_counts(seen)}")
    if ended is None:
        return Waiting("the deployment command to end")
    if seen.stack not in (*_COMPLETE, _REMAINS):
        return Failed(ended.words or f"the stack is {seen.stack or 'missing'}")
    if ended.code or (ended.words and seen.stack == _REMAINS):
        return Failed(ended.words or f"it exited with {ended.code}")
    verdict = runs(seen, image)
    return Failed(ended.words) if isinstance(verdict, Failed) and ended.words else verdict


def runs(seen: Seen, image: Image) -> Verdict:
    """Return whether a workload whose stack is at rest runs an image, and nothing else."""
    service = seen.service
    if service is None:
        return Done() if seen.tag == image.tag else Failed(_another(seen, image))
    rollout = service.deployments[0][1] if service.deployments else ""
    if rollout == "FAILED":
        return Failed(service.reason or "the deployment failed")
    if rollout == "IN_PROGRESS" or len(service.deployments) > 1:
        return Waiting(f"the deployment to finish{_counts(seen)}")
    if seen.tag != image.tag:
        return Failed(_another(seen, image))
    return _tasks(service, image)


def _tasks(service: Service, image: Image) -> Verdict:
    current = service.deployments[0][0] if service.deployments else ""
    others = [task for task in service.tasks if not _is(task, image, current)]
    if others and len(others) == len(service.tasks) and others[0].digest:
        return Failed(f"its tasks run {others[0].digest[:19]}, not {image.digest[:19]}")
    if others:
        return Waiting(f"{number(len(others), 'old task')} to end")
    if len(service.tasks) < service.desired:
        return Waiting(f"{len(service.tasks)} of {number(service.desired, 'task')}")
    sick = sum(task.health == "UNHEALTHY" for task in service.tasks)
    if sick:
        return Waiting(f"{number(sick, 'unhealthy task')}")
    if service.targets is not None and service.targets < service.desired:
        return Waiting(f"{service.targets} of {number(service.desired, 'healthy target')}")
    return Done()


def _is(task: Task, image: Image, current: str) -> bool:
    if task.digest is None:
        return task.task_definition == current
    return task.digest in image.digests


def _another(seen: Seen, image: Image) -> str:
    reason = f": {seen.service.reason}" if seen.service and seen.service.reason else ""
    return f"it runs {seen.tag or 'another image'}, not {image.tag}{reason}"


def _counts(seen: Seen) -> str:
    if seen.service is None or not seen.service.deployments:
        return ""
    service = seen.service
    current, rollout = service.deployments[0]
    if rollout != "IN_PROGRESS":  # it is the old one, or it has ended
        return ""
    new = sum(task.task_definition == current for task in service.tasks)
    counts = f", {new} of {number(service.desired, 'new task')} running"
    if new < service.desired or not service.alarms:
        return counts
    return f"{counts}, ECS watches {number(service.alarms, 'alarm')} for some minutes"
