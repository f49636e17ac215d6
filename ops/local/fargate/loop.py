"""Fargate's own thread: its services, its load balancers, and their shutdown."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends
from moto.stepfunctions.models import stepfunctions_backends

from ops.local.fargate.balancers.load_balancers import LoadBalancers
from ops.local.fargate.balancers.requests import Requests
from ops.local.fargate.balancers.targets import Targets
from ops.local.fargate.clients import Clients
from ops.local.fargate.errors import ending
from ops.local.fargate.jobs.executions import Executions
from ops.local.fargate.jobs.tasks import StandaloneTasks
from ops.local.fargate.services.service import ServiceKeeper
from ops.local.fargate.services.trouble import trouble
from ops.local.fargate.tasks.addresses import Addresses
from ops.local.fargate.tasks.container import base_environment
from ops.local.fargate.tasks.network import Network
from ops.local.fargate.tasks.reaper import Reaper
from ops.local.fargate.tasks.running import RunningTask
from ops.local.fargate.tasks.task import Host
from ops.local.gaps.ecs.services import CHANGING

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from ops.local.fargate.tasks.choice import Choice, Programs
    from ops.local.plane import ControlPlane

POLL = 0.1
"""Seconds after which the services are looked at, if nothing has called for it before."""


class Loop:
    """The scheduler of one region. It is created and used only in the thread of its asyncio
    loop.
    """

    def __init__(
        self,
        endpoint: str,
        plane: ControlPlane,
        directory: Path,
        programs: Programs,
        promised: socket.socket,
        settle: float,
    ) -> None:
        region = plane.region
        self._backend = ecs_backends[DEFAULT_ACCOUNT_ID][region]
        elbv2 = elbv2_backends[DEFAULT_ACCOUNT_ID][region]
        self._wake = asyncio.Event()
        self._report = plane.report
        self._told: set[str] = set()
        self.choices: dict[str, Choice] = {}
        clients = Clients(endpoint, region)
        self._host = Host(
            clients=clients,
            addresses=Addresses(),
            network=Network(ec2_backends[DEFAULT_ACCOUNT_ID][region]),
            targets=Targets(clients, elbv2, self._wake.set),
            reaper=Reaper(),
            directory=directory,
            environment=base_environment(endpoint, region),
            programs=programs,
            choices=self.choices,
            changed=self._wake.set,
            report=self._tell,
            plane=plane,
        )
        self.requests = Requests()
        """The requests that load balancers have answered."""
        self.load_balancers = LoadBalancers(elbv2, self._host.targets, promised, self.requests)
        self._keepers: dict[str, ServiceKeeper] = {}
        self._tasks = StandaloneTasks(self._host, self._backend)
        states = stepfunctions_backends[DEFAULT_ACCOUNT_ID][region]
        self._executions = Executions(self._host, states, self._backend)
        self._settle = settle
        self._is_ending = False

    async def run(self) -> None:
        """Update the services until cancelled."""
        while True:
            self._look()
            try:
                await self.load_balancers.follow()
            except Exception as error:  # noqa: BLE001 - reported; the services must go on
                self._tell(f"Fargate cannot serve a load balancer: {error}")
            # Not wait_for: on Python 3.11 it loses a cancellation that comes together with the
            # event. https://github.com/python/cpython/issues/86296
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await self._wake.wait()
            self._wake.clear()

    async def wait_until_steady(
        self,
        timeout: float,  # noqa: ASYNC109 - named in an error
        service: str | None = None,
    ) -> None:
        """Wait until a service (None: every service) is steady. The time in which
        a deployment watches its alarms does not count.

        Raise FargateError for the first that is not, and at shutdown.
        """
        waited = 0.0
        while True:
            if self._is_ending:
                raise ending()
            self._look()
            unsteady = [
                keeper
                for keeper in self._keepers.values()
                if service in {None, keeper.service.arn} and not keeper.steady()
            ]
            if not unsteady:
                return
            for keeper in unsteady:
                if keeper.gave_up():
                    raise trouble(keeper, waited=None)
            if waited >= timeout:
                raise trouble(unsteady[0], waited=timeout)
            began = time.monotonic()
            await asyncio.sleep(POLL)
            if not any(keeper.bakes() for keeper in unsteady):
                waited += time.monotonic() - began

    def running_tasks(self) -> list[RunningTask]:
        """Return the tasks in RUNNING. Any thread may call this."""
        return [
            running
            for keeper in list(self._keepers.values())
            for task in list(keeper.tasks)
            if (running := RunningTask.of(task)) is not None
        ]

    async def interrupt(
        self, service: str, count: int | None, without_capacity: float
    ) -> list[str]:
        """Interrupt running Spot tasks of a service, by its name, and return their IDs."""
        with CHANGING:
            return [
                task
                for keeper in self._keepers.values()
                if keeper.service.name == service
                for task in keeper.interrupt(count, without_capacity)
            ]

    async def kill(self, service: str, count: int) -> list[str]:
        """Kill the processes of running tasks of a service, by its name, and return their IDs."""
        running = [
            task
            for keeper in self._keepers.values()
            if keeper.service.name == service
            for task in keeper.tasks
            if task.record.last_status == "RUNNING"
        ][:count]
        for task in running:
            task.kill()
        return [task.record.id for task in running]

    async def stop(self, grace: float) -> None:
        """Stop all tasks concurrently, then close the ports. No task starts after this call."""
        self._is_ending = True
        await self._executions.stop()
        services = (keeper.stop(grace) for keeper in self._keepers.values())
        await asyncio.gather(self._tasks.stop(grace), *services)
        await self.load_balancers.stop()
        await self._host.targets.close()
        await asyncio.to_thread(self._host.reaper.stop)

    def _look(self) -> None:
        """Run the next step of each service. An exception in one does not stop the others."""
        with CHANGING:
            for key, service in list(self._backend.services.items()):
                keeper = self._keepers.get(key)
                if keeper is None or (keeper.service is not service and not keeper.tasks):
                    keeper = ServiceKeeper(self._host, self._backend, service, self._settle)
                    self._keepers[key] = keeper
                keeper.service = service
                try:
                    keeper.step()
                except Exception as error:  # noqa: BLE001 - reported, once, with its service
                    self._tell(f"Fargate cannot update service {service.name}: {error!r}")
            try:
                self._executions.step()
                self._tasks.step()
            except Exception as error:  # noqa: BLE001 - reported, once
                self._tell(f"Fargate cannot update tasks of jobs: {error!r}")

    def _tell(self, fault: str) -> None:
        if fault not in self._told:
            self._told.add(fault)
            self._report(fault)
