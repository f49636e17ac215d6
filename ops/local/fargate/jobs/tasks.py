"""The tasks that RunTask asks for."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from ops.local.fargate.services.events import TaskEvents
from ops.local.fargate.tasks.container import ContainerDefinition
from ops.local.fargate.tasks.plan import Plan
from ops.local.fargate.tasks.task import Task
from ops.local.gaps.ecs.tasks import EcsTask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moto.ecs.models import EC2ContainerServiceBackend

    from ops.local.fargate.tasks.task import Host
    from ops.local.gaps.ecs.tasks import TaskRequest

_AFTER_KILL = 1.5
"""Seconds in which killed tasks may send their last lines at shutdown."""


class StandaloneTasks:
    """Starts each requested task once, and follows it to its end."""

    def __init__(self, host: Host, backend: EC2ContainerServiceBackend) -> None:
        self._host = host
        self._backend = backend
        self._events = TaskEvents(host.plane.events.send)
        self._lives: dict[Task, asyncio.Task[None]] = {}

    def step(self) -> None:
        """Start the requested tasks, and check the running ones. The caller holds `CHANGING`."""
        for record, request in self._requested():
            record.request = None
            self._start(record, request)
        for task in self._lives:
            task.refresh()
        self._events.follow(self._lives)
        for task in [task for task in self._lives if task.record.last_status == "STOPPED"]:
            del self._lives[task]

    async def stop(self, grace: float) -> None:
        """Stop every task; kill those that run longer than `grace` seconds."""
        lives = dict(self._lives)
        for task in lives:
            task.stop("ServiceSchedulerInitiated", "The embedded AWS is shutting down")
        if lives:
            await asyncio.wait(lives.values(), timeout=grace)
        for task in lives:
            task.kill()
        if lives:
            await asyncio.wait(lives.values(), timeout=_AFTER_KILL)

    def _requested(self) -> Iterator[tuple[EcsTask, TaskRequest]]:
        for tasks in self._backend.tasks.values():
            for record in tasks.values():
                if isinstance(record, EcsTask) and record.request is not None:
                    yield record, record.request

    def _start(self, record: EcsTask, request: TaskRequest) -> None:
        task = Task(self._host, _plan(record, request), record)
        life = asyncio.create_task(task.run(), name=record.id)
        life.add_done_callback(self._report_fault)
        self._lives[task] = life

    def _report_fault(self, life: asyncio.Task[None]) -> None:
        fault = None if life.cancelled() else life.exception()
        if fault is not None:
            self._host.report(f"Fargate failed in task {life.get_name()}: {fault!r}")


def _plan(record: EcsTask, request: TaskRequest) -> Plan:
    """Return the plan of a task. It has no service, so a failed health check does not stop it."""
    return Plan(
        cluster=record.cluster_arn,
        service=request.family,
        deployment=record.started_by,
        task_definition=record.task_definition_arn,
        containers=tuple(ContainerDefinition.of(raw) for raw in request.containers),
        memberships=(),
        cpu=record.cpu,
        memory=record.memory,
        launch_type=record.launch_type,
        provider=record.capacity_provider_name,
        tags=tuple((tag["key"], tag["value"]) for tag in record.tags),
        subnets=request.subnets,
        security_groups=request.security_groups,
        grace=math.inf,
        settle=0.0,
        is_job=True,
    )
