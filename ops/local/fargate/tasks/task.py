"""The lifecycle of one task, from its address to the removal of its directory.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from __future__ import annotations

import asyncio
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops.control.ecs.phase import Phase
from ops.local.fargate.errors import Failure, FargateError
from ops.local.fargate.health import Health
from ops.local.fargate.tasks.addresses import local_port
from ops.local.fargate.tasks.container import Container
from ops.local.fargate.tasks.logs import LogStream
from ops.local.fargate.tasks.plan import new_record
from ops.local.fargate.tasks.secrets import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from pathlib import Path

    from ops.local.fargate.balancers.targets import Target, Targets
    from ops.local.fargate.clients import Clients
    from ops.local.fargate.tasks.addresses import Addresses
    from ops.local.fargate.tasks.choice import Choice, Programs
    from ops.local.fargate.tasks.container import ContainerDefinition
    from ops.local.fargate.tasks.network import Network
    from ops.local.fargate.tasks.plan import Plan
    from ops.local.fargate.tasks.reaper import Reaper
    from ops.local.gaps.ecs.tasks import EcsTask
    from ops.local.plane import ControlPlane


@dataclass(frozen=True)
class Host:
    """The objects that all tasks share."""

    clients: Clients
    addresses: Addresses
    network: Network
    targets: Targets
    reaper: Reaper
    directory: Path
    environment: Mapping[str, str]
    """What every process gets."""
    programs: Programs
    """What runs in place of each container; its variables are added last, and win."""
    choices: dict[str, Choice]
    """What has run, by `SERVICE/CONTAINER`."""
    changed: Callable[[], None]
    """Called when the scheduler should look again."""
    report: Callable[[str], None]
    """Told of faults of ours."""
    plane: ControlPlane


class Task:
    """A task. `record` is its form in the API."""

    def __init__(self, host: Host, plan: Plan, record: EcsTask | None = None) -> None:
        self._host = host
        self.plan = plan
        self.record = record or new_record(plan)
        self.settled = False
        """Whether it has ever been healthy."""
        self.containers: list[Container] = []
        self._choices: dict[str, Choice] = {}
        self._memberships: list[tuple[str, Target]] = []
        self._started: float | None = None
        self._ending = asyncio.Event()
        self._directory = host.directory / self.record.id
        self._address: str | None = None
        self._interface: str | None = None

    @property
    def phase(self) -> Phase:
        """Return the phase for the scheduler."""
        if self.record.desired_status == "STOPPED":
            return Phase.STOPPING
        return Phase.HEALTHY if self._well() else Phase.STARTING

    @property
    def targets(self) -> list[Target]:
        """Return the task's registrations in target groups."""
        return [target for _, target in self._memberships]

    def stop(self, code: str, reason: str) -> None:
        """Request the end of the task; the first reason is the one reported."""
        self.record.ask_to_stop(code, reason)
        self._ending.set()

    def kill(self) -> None:
        """Shorten a requested shutdown."""
        for container in self.containers:
            container.kill()

    def refresh(self) -> None:
        """Update the record, and request the end if the task has failed."""
        for record, container in zip(self.record.containers, self.containers, strict=False):
            record.health_status = container.health.value
            record.exit_code = container.exit_code
            if container.exit_code is not None:
                record.last_status = "STOPPED"
        self.record.health_status = self._health().value
        self.settled = self.settled or self.phase is Phase.HEALTHY
        if self.record.desired_status == "STOPPED":
            self._ending.set()
        elif self._started is not None:
            self._judge()

    async def run(self) -> None:
        """Run the task. An exception is a bug of ours, raised after the task has been stopped."""
        try:
            await self._begin()
            await self._ending.wait()
        except (Failure, FargateError) as failure:
            self.stop("TaskFailedToStart", str(failure))
        except ClientError as error:
            self.stop("TaskFailedToStart", f"ResourceInitializationError: {error}")
        except Exception as error:
            self.stop("TaskFailedToStart", f"ServerException: {error!r}")
            raise
        finally:
            await self._end()

    async def _begin(self) -> None:
        record, plan = self.record, self.plan
        containers = [self._stand_in(container) for container in plan.containers]
        ports = [self._local_port(c.name, port) for c in containers for port in c.ports]
        self._address = self._host.addresses.reserve(ports)
        self._attach(self._address)
        record.last_status = "PENDING"
        self._directory.mkdir(parents=True)
        environments = await asyncio.gather(*map(self._environment, containers))
        for definition in containers:
            log = await LogStream.open(
                self._host.clients.logs, definition.log_options, definition.name, record.id
            )
            self.containers.append(Container(definition, self._address, log, self._host.changed))
        try:
            async with asyncio.TaskGroup() as starting:
                for container, environment in zip(self.containers, environments, strict=True):
                    starting.create_task(self._start(container, environment))
        except* Failure as failures:
            raise failures.exceptions[0] from None
        if self._ending.is_set():
            return
        record.last_status = "ACTIVATING"
        for membership in plan.memberships:
            target = await self._host.targets.register(
                membership.group,
                self._address,
                membership.port,
                self._local_port(membership.container, membership.port),
            )
            self._memberships.append((membership.group, target))
        self._running()

    def _stand_in(self, definition: ContainerDefinition) -> ContainerDefinition:
        """Return what runs in place of a container: its own command, or a stub."""
        waits = [dependency for other in self.plan.containers for dependency in other.depends_on]
        ends = any((definition.name, state) in waits for state in ("COMPLETE", "SUCCESS"))
        ends = ends or (self.plan.is_job and definition is self.plan.containers[0])
        groups = (m.group for m in self.plan.memberships if m.container == definition.name)
        answers = dict(map(self._host.targets.expected_answer, groups))
        stand_in, choice = self._host.programs.stand_in(definition, answers, ends=ends)
        name = f"{self.plan.service}/{definition.name}"
        self._host.choices[name] = self._choices[definition.name] = choice
        return stand_in

    def _local_port(self, container: str, port: int) -> int:
        """Return the port on which a container is reached on this machine."""
        return local_port(port) if self._choices[container].reason else port

    async def _start(self, container: Container, environment: Mapping[str, str]) -> None:
        """Start a container once its dependencies have reached their conditions."""
        named = {other.definition.name: other for other in self.containers}
        for name, condition in container.definition.depends_on:
            if name not in named:
                raise Failure(f"Container {container.definition.name} waits for {name}: unknown")
            await self._unless_ending(named[name].reached(condition))
        if not self._ending.is_set():
            await container.start(environment, self._directory, self._host.reaper)

    async def _unless_ending(self, coroutine: Coroutine[None, None, None]) -> None:
        """Wait for a coroutine or for the task's end, whichever comes first."""
        waiting = {asyncio.create_task(coroutine), asyncio.create_task(self._ending.wait())}
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in waiting:
                task.cancel()

    async def _environment(self, definition: ContainerDefinition) -> dict[str, str]:
        secrets = await asyncio.to_thread(resolve, definition.secrets, self._host.clients)
        variables = await asyncio.to_thread(self._host.programs.variables, definition.image)
        home = str(self._directory)
        return {
            **self._host.environment,
            "HOME": home,
            "TMPDIR": home,
            **definition.environment,
            **secrets,
            **variables,
        }

    def _attach(self, address: str) -> None:
        plan, record = self.plan, self.record
        self._interface, attachment = self._host.network.attach(
            address, plan.subnets, plan.security_groups, record.task_arn
        )
        record.attachments = [attachment]
        for container in record.containers:
            container.network_interfaces = [
                {"attachmentId": attachment["id"], "privateIpv4Address": address}
            ]

    def _running(self) -> None:
        now = datetime.now(UTC)
        self.record.started_at = self.record.connectivity_at = now
        self.record.connectivity = "CONNECTED"
        self.record.last_status = "RUNNING"
        for container in self.record.containers:
            container.last_status = "RUNNING"
        self._started = time.monotonic()
        self._host.changed()

    def _judge(self) -> None:
        """Request the task's end if an essential container or a health check requires it."""
        if any(c.exit_code is not None for c in self.containers if c.definition.essential):
            self.stop("EssentialContainerExited", "Essential container in task exited")
            return
        if self._started is None or time.monotonic() < self._started + self.plan.grace:
            return
        if self._health() is Health.UNHEALTHY:
            self.stop("ServiceSchedulerInitiated", "Task failed container health checks")
        for group, target in self._memberships:
            if target.health is Health.UNHEALTHY:
                self.stop(
                    "ServiceSchedulerInitiated",
                    f"Task failed ELB health checks in (target-group {group})",
                )

    def _health(self) -> Health:
        """Return the health of the essential containers that have a check."""
        healths = [
            c.health for c in self.containers if c.definition.essential and c.definition.check
        ]
        for worst in (Health.UNHEALTHY, Health.UNKNOWN):
            if worst in healths or not healths:
                return worst if healths else Health.UNKNOWN
        return Health.HEALTHY

    def _well(self) -> bool:
        if self._started is None:
            return False
        checks = [target.health for target in self.targets]
        checks += [
            c.health for c in self.containers if c.definition.essential and c.definition.check
        ]
        if checks:
            return all(health is Health.HEALTHY for health in checks)
        return time.monotonic() >= self._started + self.plan.settle

    async def _end(self) -> None:
        record = self.record
        if self._memberships:
            record.last_status = "DEACTIVATING"
            leaving = (self._host.targets.deregister(g, t) for g, t in self._memberships)
            await asyncio.gather(*leaving)
        record.last_status = "STOPPING"
        await asyncio.gather(*(container.stop() for container in self.containers))
        self.refresh()
        record.last_status = "DEPROVISIONING"
        await asyncio.to_thread(shutil.rmtree, self._directory, ignore_errors=True)
        if self._address is not None:
            self._host.network.detach(self._interface)
            self._host.addresses.release(self._address)
        record.connectivity = "DISCONNECTED"
        for container in record.containers:
            container.last_status = "STOPPED"
        record.stopped_at = datetime.now(UTC)
        record.last_status = "STOPPED"
        self._host.changed()
