"""The manager of one ECS service: it carries out `schedule`'s decisions and updates
DescribeServices.

The service's list of deployments, in moto, is the only state of its rollout: decisions are read
from it and written to it.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
"""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ops.local.fargate.services.schedule import (
    Decision,
    TaskView,
    backoff,
    breaker_threshold,
    decide,
    next_provider,
)
from ops.local.fargate.services.settings import ServiceSettings, plan_of
from ops.local.fargate.tasks.phase import Phase
from ops.local.fargate.tasks.task import Host, Task
from ops.local.gaps.ecs.services import (
    PENDING,
    RUNNING,
    open_deployment,
    rollbacks_of,
    stops_of,
)
from ops.local.gaps.ecs.tasks import record

if TYPE_CHECKING:
    from moto.ecs.models import EC2ContainerServiceBackend, Service

EVENTS = 100
"""How many events of a service ECS tells."""

BREAKER = "ECS deployment circuit breaker:"
"""How ECS begins `rolloutStateReason` where the circuit breaker had a hand in it."""

USER = "Service deployment rolled back at a user's request:"
"""The same where StopServiceDeployment had."""

BY_THE_SERVICE = "Scaling activity initiated by (deployment {})"


@dataclass(frozen=True)
class TaskFailure:
    """The end of a task that was not requested."""

    reason: str
    exits: tuple[str, ...]
    """`container NAME exited with CODE`."""
    lines: tuple[str, ...]
    """The last lines of its containers."""

    @classmethod
    def of(cls, task: Task) -> TaskFailure:
        """Return the failure of a task."""
        exits = (
            f"container {c.definition.name} exited with {c.exit_code}"
            for c in task.containers
            if c.exit_code is not None
        )
        lines = tuple(line for container in task.containers for line in container.log.last)
        return cls(task.record.stopped_reason or "", tuple(exits), lines)


class ServiceKeeper:
    """One service and its tasks."""

    def __init__(
        self,
        host: Host,
        backend: EC2ContainerServiceBackend,
        service: Service,
        settle: float,
    ) -> None:
        self.service = service
        self.tasks: list[Task] = []
        self.last_failure: TaskFailure | None = None
        self._host = host
        self._backend = backend
        self._settle = settle
        self._lives: dict[Task, asyncio.Task[None]] = {}
        self._seen_to_fail: set[Task] = set()
        self._failures = 0
        self._not_before = 0.0
        self._completed: str | None = None

    def step(self) -> None:
        """Look at the tasks, and run the next step. The caller holds `CHANGING`."""
        for task in self.tasks:
            task.refresh()
        settings = ServiceSettings.of(self.service, self._backend)
        primary = self._primary()
        if primary is None:
            return
        self._count_outcomes(primary)
        self._bury()
        is_stopped = self._is_stopped(primary)
        if is_stopped or self._breaks(settings, primary):
            primary = self._give_up(primary, rolls_back=is_stopped or settings.rollback)
        views = [TaskView(t.record.id, t.plan.deployment, t.phase) for t in self.tasks]
        decision = decide(settings.desired, primary["id"], views, settings.limits)
        if primary["rolloutState"] == "FAILED" and settings.desired:
            decision = Decision()
        self._stop(decision, primary)
        if time.monotonic() >= self._not_before:
            self._start(decision.start, settings, primary)
        self._tell(settings, primary)

    def steady(self) -> bool:
        """Return whether the primary deployment is complete and only its tasks are left."""
        primary = self._primary()
        desired = ServiceSettings.of(self.service, self._backend).desired
        if primary is None:
            return not self.tasks
        return primary["rolloutState"] == "COMPLETED" and self._settled(primary, desired)

    def gave_up(self) -> bool:
        """Return whether the circuit breaker or a user has stopped the latest deployment."""
        primary = self._primary()
        return primary is not None and primary["rolloutStateReason"].startswith((BREAKER, USER))

    async def stop(self, grace: float) -> None:
        """Stop every task; kill those that run longer than `grace` seconds."""
        for task in self.tasks:
            task.stop("ServiceSchedulerInitiated", "The embedded AWS is shutting down")
        lives = list(self._lives.values())
        if lives:
            await asyncio.wait(lives, timeout=grace)
        for task in self.tasks:
            task.kill()
        if lives:
            await asyncio.wait(lives)

    def _primary(self) -> dict[str, Any] | None:
        """Return the primary deployment; create it if a change bypassed the API."""
        if not self.service.deployments:
            return None
        primary = self.service.deployments[0]
        if primary["taskDefinition"] != self.service.task_definition:
            primary = open_deployment(self.service)
        return primary

    def _count_outcomes(self, primary: dict[str, Any]) -> None:
        """Update `failedTasks`: consecutive failures, reset once a task is healthy."""
        for task in self.tasks:
            of_primary = task.plan.deployment == primary["id"]
            if task.phase is Phase.HEALTHY and of_primary:
                self._failures = 0
                primary["failedTasks"] = 0
            if task.phase is not Phase.STOPPING or task in self._seen_to_fail:
                continue
            self._seen_to_fail.add(task)
            if not _failed(task):
                continue
            self._report(task)
            self._failures = 1 if task.settled else self._failures + 1
            self._not_before = time.monotonic() + backoff(self._failures)
            if of_primary and not task.settled:
                primary["failedTasks"] += 1

    def _report(self, task: Task) -> None:
        """Show in the window of `ops local up` that a task died, with its last line."""
        failure = TaskFailure.of(task)
        what = ", ".join(failure.exits) or failure.reason
        last = f": {failure.lines[-1].strip()}" if failure.lines else ""
        self._host.report(f"{self.service.name}: task {task.record.id[:8]} died, {what}{last}")

    def _bury(self) -> None:
        """Drop stopped tasks, but keep the last failure."""
        for task in [t for t in self.tasks if t.record.last_status == "STOPPED"]:
            if _failed(task):
                self.last_failure = TaskFailure.of(task)
            self.tasks.remove(task)
            self._seen_to_fail.discard(task)
            self._lives.pop(task)

    def _breaks(self, settings: ServiceSettings, primary: dict[str, Any]) -> bool:
        in_progress = primary["rolloutState"] == "IN_PROGRESS"
        too_many = primary["failedTasks"] >= breaker_threshold(settings.desired)
        return settings.breaker and in_progress and too_many

    def _is_stopped(self, primary: dict[str, Any]) -> bool:
        in_progress = primary["rolloutState"] == "IN_PROGRESS"
        return in_progress and primary["id"] in stops_of(self.service)

    def _give_up(self, primary: dict[str, Any], *, rolls_back: bool) -> dict[str, Any]:
        """Fail the deployment, and roll back to the last completed one if that is asked for."""
        is_stopped = self._is_stopped(primary)
        by, why = (USER, "stopped") if is_stopped else (BREAKER, "tasks failed to start")
        primary["rolloutState"] = "FAILED"
        primary["rolloutStateReason"] = f"{by} {why}."
        self._say(f"(deployment {primary['id']}) deployment failed: {why}.")
        if not (rolls_back and self._completed) or (self._completed == primary["taskDefinition"]):
            return primary
        self.service.task_definition = self._completed
        opened = open_deployment(self.service)
        rollbacks_of(self.service)[primary["id"]] = opened["id"]
        opened["rolloutStateReason"] = f"{by} rolling back to deploymentId {opened['id']}."
        self._say(f"rolling back to deployment {opened['id']}.")
        self._failures, self._not_before = 0, 0.0
        return opened

    def _stop(self, decision: Decision, primary: dict[str, Any]) -> None:
        chosen = [task for task in self.tasks if task.record.id in decision.stop]
        for task in chosen:
            task.stop("ServiceSchedulerInitiated", BY_THE_SERVICE.format(primary["id"]))
        if chosen:
            named = " ".join(f"(task {task.record.id})" for task in chosen)
            self._say(f"has stopped {len(chosen)} running tasks: {named}.")

    def _start(self, number: int, settings: ServiceSettings, primary: dict[str, Any]) -> None:
        started = []
        for _ in range(number):
            live = [t for t in self.tasks if t.plan.deployment == primary["id"]]
            running = [t.plan.provider or "" for t in live if t.phase is not Phase.STOPPING]
            provider = next_provider(settings.strategy, running)
            plan = plan_of(self.service, self._backend, primary, provider, self._settle)
            task = Task(self._host, plan)
            record(self._backend, task.record)
            self.tasks.append(task)
            life = asyncio.create_task(task.run(), name=task.record.id)
            life.add_done_callback(self._told_faults)
            self._lives[task] = life
            started.append(f"(task {task.record.id})")
        if started:
            self._say(f"has started {len(started)} tasks: {' '.join(started)}.")

    def _told_faults(self, life: asyncio.Task[None]) -> None:
        fault = None if life.cancelled() else life.exception()
        if fault is not None:
            self._host.report(f"Fargate failed in task {life.get_name()}: {fault!r}")

    def _tell(self, settings: ServiceSettings, primary: dict[str, Any]) -> None:
        """Update the deployments' counts and states."""
        for deployment in self.service.deployments:
            statuses = [
                t.record.last_status for t in self.tasks if t.plan.deployment == deployment["id"]
            ]
            counts = {
                "desiredCount": settings.desired if deployment is primary else 0,
                "runningCount": sum(status in RUNNING for status in statuses),
                "pendingCount": sum(status in PENDING for status in statuses),
            }
            if any(deployment[name] != number for name, number in counts.items()):
                deployment.update(counts, updatedAt=datetime.now(UTC))
        if primary["rolloutState"] == "IN_PROGRESS" and self._settled(primary, settings.desired):
            self._complete(primary)

    def _settled(self, primary: dict[str, Any], desired: int) -> bool:
        """Return whether exactly the desired tasks exist: the primary's, and healthy."""
        well = [
            task
            for task in self.tasks
            if task.phase is Phase.HEALTHY and task.plan.deployment == primary["id"]
        ]
        return len(well) == len(self.tasks) == desired

    def _complete(self, primary: dict[str, Any]) -> None:
        primary["rolloutState"] = "COMPLETED"
        primary["rolloutStateReason"] = f"ECS deployment {primary['id']} completed."
        primary["updatedAt"] = datetime.now(UTC)
        self.service.deployments = [primary]
        self._completed = primary["taskDefinition"]
        self._say(f"(deployment {primary['id']}) deployment completed.")
        self._say("has reached a steady state.")

    def _say(self, message: str) -> None:
        """Add an event, newest first as in ECS."""
        event = {
            "id": str(uuid.uuid4()),
            "createdAt": datetime.now(UTC),
            "message": f"(service {self.service.name}) {message}",
        }
        self.service.events = [event, *self.service.events][:EVENTS]


def _failed(task: Task) -> bool:
    """Return whether a stopping task stops unexpectedly."""
    if task.record.stop_code == "ServiceSchedulerInitiated":
        return (task.record.stopped_reason or "").startswith("Task failed")
    return task.record.stop_code != "UserInitiated"
