"""The manager of one ECS service: it carries out the decisions of `ops.control.ecs`.

The service's list of deployments, in moto, is the only state of its rollout.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ops.control.ecs.phase import Phase
from ops.control.ecs.providers import SPOT, next_provider
from ops.control.ecs.rollout import Decision, TaskView, decide
from ops.local.fargate.services.alarms import AlarmWatch
from ops.local.fargate.services.announcer import Announcer
from ops.local.fargate.services.outcomes import ALARMS, BREAKER, USER, Ending, Outcomes
from ops.local.fargate.services.settings import ServiceSettings, plan_of
from ops.local.fargate.services.spot import Spot
from ops.local.fargate.tasks.task import Host, Task
from ops.local.gaps.ecs.services import (
    PENDING,
    RUNNING,
    open_deployment,
    requested_by_user,
    rollbacks_of,
    stops_of,
)
from ops.local.gaps.ecs.tasks import record

if TYPE_CHECKING:
    from moto.ecs.models import EC2ContainerServiceBackend, Service

AFTER_KILL = 1.5
"""Seconds in which killed tasks may send their last lines at shutdown."""

BY_THE_SERVICE = "Scaling activity initiated by (deployment {})"


class ServiceKeeper:
    """One service and its tasks."""

    def __init__(
        self,
        host: Host,
        backend: EC2ContainerServiceBackend,
        service: Service,
        settle: float,
    ) -> None:
        self._announcer = Announcer(service, host.plane)
        self.tasks: list[Task] = []
        self.outcomes = Outcomes(host.report)
        self.alarms = AlarmWatch(host.plane.region, host.plane.clock)
        self._host = host
        self._backend = backend
        self._settle = settle
        self._lives: dict[Task, asyncio.Task[None]] = {}
        self._spot = Spot(host.plane.clock, self._announcer)
        self._completed: str | None = None
        self._seen: str | None = None

    @property
    def service(self) -> Service:
        """Return moto's object of the service."""
        return self._announcer.service

    @service.setter
    def service(self, service: Service) -> None:
        self._announcer.service = service

    def step(self) -> None:
        """Check the tasks, and run the next step. The caller holds `CHANGING`."""
        for task in self.tasks:
            task.refresh()
        self._announcer.tasks.follow(self.tasks)
        settings = ServiceSettings.of(self.service, self._backend)
        primary = self._primary()
        if primary is None:
            return
        self._notice(primary, settings)
        self.outcomes.count(self.tasks, primary, settings.breaker)
        self._bury()
        if (failure := self._failure(settings, primary)) is not None:
            primary = self._give_up(primary, settings, failure)
        views = [
            TaskView(t.record.id, t.plan.deployment, t.phase, t.plan.provider) for t in self.tasks
        ]
        decision = decide(
            settings.desired, primary["id"], views, settings.limits, settings.strategy
        )
        if primary["rolloutState"] == "FAILED" and settings.desired:
            decision = Decision()
        self._stop(decision, primary)
        if self.outcomes.may_start:
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
        """Return whether the circuit breaker, an alarm or a user has stopped what was requested.

        Who requests what ECS is rolling back to gets it: CloudFormation does, in its own rollback.
        """
        primary = self._primary()
        if primary is None or not primary["rolloutStateReason"].startswith((BREAKER, ALARMS, USER)):
            return False
        is_requested = primary["taskDefinition"] == requested_by_user(self.service)
        return primary["rolloutState"] == "FAILED" or not is_requested

    def bakes(self) -> bool:
        """Return whether the deployment only waits for its alarms to stay quiet."""
        return self.alarms.seconds_left() > 0

    def interrupt(self, count: int | None, without_capacity: float) -> list[str]:
        """Interrupt running Spot tasks, and return their IDs."""
        ids = self._spot.interrupt(self.tasks, count, without_capacity)
        self._host.changed()
        return ids

    async def stop(self, grace: float) -> None:
        """Stop every task; kill those that run longer than `grace` seconds."""
        for task in self.tasks:
            task.stop("ServiceSchedulerInitiated", "The embedded AWS is shutting down")
        lives = list(self._lives.values())
        if lives:
            await asyncio.wait(lives, timeout=grace)
        for task in self.tasks:
            task.kill()
        if lives:  # what is left is cancelled: logs that a busy moto does not take, and the like
            await asyncio.wait(lives, timeout=AFTER_KILL)

    def _primary(self) -> dict[str, Any] | None:
        """Return the primary deployment; create it if a change bypassed the API."""
        if not self.service.deployments:
            return None
        primary = self.service.deployments[0]
        if primary["taskDefinition"] != self.service.task_definition:
            primary = open_deployment(self.service)
        return primary

    def _notice(self, primary: dict[str, Any], settings: ServiceSettings) -> None:
        """Begin to watch a new deployment."""
        if primary["id"] == self._seen:
            return
        self._seen = primary["id"]
        self.alarms.begin(settings.alarms)
        self._announcer.deployment(primary, "IN_PROGRESS")
        self._announcer.decide(
            "deployment",
            "a new deployment is in progress",
            deployment=primary["id"],
            watched_alarms=self.alarms.names,
        )

    def _bury(self) -> None:
        """Drop stopped tasks."""
        for task in [t for t in self.tasks if t.record.last_status == "STOPPED"]:
            self.outcomes.bury(task)
            self.tasks.remove(task)
            self._lives.pop(task)

    def _failure(self, settings: ServiceSettings, primary: dict[str, Any]) -> Ending | None:
        """Return why the deployment in progress fails."""
        if primary["rolloutState"] != "IN_PROGRESS":
            return None
        if self._is_stopped(primary):
            return Ending(USER, "stopped", rolls_back=True)
        if settings.breaker.trips(primary["failedTasks"], settings.desired):
            return Ending(BREAKER, "tasks failed to start", settings.breaker.rolls_back)
        if (name := self.alarms.tripped()) is not None:
            self._announcer.decide("deployment", "an alarm that it watches is in ALARM", alarm=name)
            return Ending(ALARMS, "alarm detected", settings.alarms.rolls_back)
        return None

    def _is_stopped(self, primary: dict[str, Any]) -> bool:
        return primary["id"] in stops_of(self.service)

    def _give_up(
        self, primary: dict[str, Any], settings: ServiceSettings, end: Ending
    ) -> dict[str, Any]:
        """Fail the deployment, and roll back to the last completed one if requested."""
        primary["rolloutState"] = "FAILED"
        primary["rolloutStateReason"] = f"{end.by} {end.why}."
        self._announcer.say(f"(deployment {primary['id']}) deployment failed: {end.why}.")
        self._announcer.deployment(primary, "FAILED")
        self._announcer.decide(
            "deployment",
            f"{end.by} {end.why}",
            deployment=primary["id"],
            failed_tasks=primary["failedTasks"],
            threshold=settings.breaker.threshold(settings.desired),
            rolls_back=end.rolls_back,
        )
        if not (end.rolls_back and self._completed) or (
            self._completed == primary["taskDefinition"]
        ):
            return primary
        self.service.task_definition = self._completed
        opened = open_deployment(self.service)
        rollbacks_of(self.service)[primary["id"]] = opened["id"]
        opened["rolloutStateReason"] = f"{end.by} rolling back to deploymentId {opened['id']}."
        self._announcer.say(f"rolling back to deployment {opened['id']}.")
        self.outcomes.forget_failures()
        self._notice(opened, settings)
        return opened

    def _stop(self, decision: Decision, primary: dict[str, Any]) -> None:
        chosen = [task for task in self.tasks if task.record.id in decision.stop]
        if not chosen:
            return
        inputs = self._counts()
        for task in chosen:
            task.stop("ServiceSchedulerInitiated", BY_THE_SERVICE.format(primary["id"]))
        named = " ".join(f"(task {task.record.id})" for task in chosen)
        self._announcer.say(f"has stopped {len(chosen)} running tasks: {named}.")
        self._announcer.decide(
            "tasks", "surplus, or replaced by healthy tasks", stop=decision.stop, **inputs
        )

    def _start(self, number: int, settings: ServiceSettings, primary: dict[str, Any]) -> None:
        inputs = self._counts()
        started = []
        for _ in range(number):
            live = [t for t in self.tasks if t.plan.deployment == primary["id"]]
            running = [t.plan.provider or "" for t in live if t.phase is not Phase.STOPPING]
            provider = next_provider(settings.strategy, running)
            if provider == SPOT and not self._spot.has_capacity():
                break
            plan = plan_of(self.service, self._backend, primary, provider, self._settle)
            task = Task(self._host, plan)
            record(self._backend, task.record)
            self.tasks.append(task)
            life = asyncio.create_task(task.run(), name=task.record.id)
            life.add_done_callback(self._report_fault)
            self._lives[task] = life
            started.append(task)
        if started:
            named = " ".join(f"(task {task.record.id})" for task in started)
            self._announcer.say(f"has started {len(started)} tasks: {named}.")
            providers = [task.plan.provider or task.plan.launch_type for task in started]
            rule = f"fewer tasks than the desired {settings.desired}"
            self._announcer.decide("tasks", rule, start=len(started), providers=providers, **inputs)

    def _counts(self) -> dict[str, int]:
        phases = Counter(task.phase for task in self.tasks)
        return {phase.name.lower(): phases[phase] for phase in Phase}

    def _report_fault(self, life: asyncio.Task[None]) -> None:
        fault = None if life.cancelled() else life.exception()
        if fault is not None:
            self._host.report(f"Fargate failed in task {life.get_name()}: {fault!r}")

    def _tell(self, settings: ServiceSettings, primary: dict[str, Any]) -> None:
        """Update the deployments' counts and states in DescribeServices."""
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
        is_settled = self._settled(primary, settings.desired)
        if primary["rolloutState"] == "IN_PROGRESS" and is_settled and self.alarms.has_baked():
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
        self._announcer.say(f"(deployment {primary['id']}) deployment completed.")
        self._announcer.say("has reached a steady state.")
        self._announcer.deployment(primary, "COMPLETED")
        self._announcer.action("SERVICE_STEADY_STATE")
        rule = "only its tasks run, as many as desired, all healthy"
        self._announcer.decide("deployment", rule, deployment=primary["id"], **self._counts())
