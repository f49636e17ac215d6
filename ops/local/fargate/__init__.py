"""A small Fargate: runs the tasks of every ECS service of the embedded AWS as local processes.

It runs inside the process of moto, in a thread of its own:

    loop         the code in the thread: every service, every load balancer
    service      manages one service: deployments, counts, events
    outcomes     how tasks ended: failures, pauses
    alarms       the alarms that fail a deployment
    spot         interruptions, times without capacity
    announcer    a service's events and decisions
    settings     the settings of a service, read from moto
    jobs         tasks of no service, and the executions of state machines that start them
    task, plan   one task, from its address to the removal of its directory
    container    one container: command, environment, health check
    choice       the decision whether a container runs its own command or a stub
    stub         the process that stands in for a container that cannot run here
    process      one process: output, exit, SIGTERM and SIGKILL
    reaper       kills the processes if this one is killed
    addresses    a loopback address for each task
    network      the task's network interface, as shown by EC2
    secrets      values from Secrets Manager and Parameter Store
    logs         lines into CloudWatch Logs
    health       the state that follows from health checks
    targets      target groups: registration, checks, draining
    routing      the listener rule that a request matches: pure functions
    balancer     serves one load balancer on a port of loopback
    load_balancers   the port of each load balancer
    requests     the answers of the last minute
    running      running tasks, for those that measure them
    trouble      the error about a service that does not become steady

It differs from AWS where a laptop must: images are not run (a stub stands in for a container whose
command is in its image), CPU and memory are not limited, roles are not checked, and checks are made
often until the first success (`health`).
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import sys
import threading
from typing import TYPE_CHECKING

from ops.local.fargate.balancers.load_balancers import bind
from ops.local.fargate.errors import FargateError, ending
from ops.local.fargate.loop import Loop
from ops.local.fargate.tasks.addresses import Addresses
from ops.local.gaps import elbv2_target_health
from ops.local.gaps.ecs import run_task as ecs_run_task
from ops.local.gaps.ecs import services as ecs_services
from ops.local.gaps.ecs import tasks as ecs_tasks
from ops.local.gaps.step_functions import executions as step_functions_executions

if TYPE_CHECKING:
    from pathlib import Path

    from ops.local.fargate.balancers.requests import Requests
    from ops.local.fargate.tasks.choice import Choice, Programs
    from ops.local.fargate.tasks.running import RunningTask
    from ops.local.plane import ControlPlane

__all__ = ["Fargate", "FargateError", "to_stderr"]

SETTLE = 2.0
"""Seconds that a task without any health check must live to count as started well."""

_GAPS = (ecs_tasks, ecs_run_task, ecs_services, elbv2_target_health, step_functions_executions)

GRACE = 4.0
"""Seconds from SIGTERM to SIGKILL when all is shut down, however long a `stopTimeout` is."""


def to_stderr(line: str) -> None:
    """Report on standard error."""
    print(line, file=sys.stderr)  # noqa: T201 - what reports are for


class Fargate:
    """The tasks of all services of a region, from `start` to `stop`. Methods are thread-safe.

    :param endpoint: URL of the embedded AWS, as `AWS_ENDPOINT_URL` has it
    :param plane: what it shares with the control loop
    :param directory: receives one directory a task, removed with it
    :param programs: what runs in place of each container, and the variables that are added to its
        environment
    :param listen: where the first public load balancer is served; the system chooses the
        ports of others, told by `urls`
    :param settle: seconds that a task without any health check must live to count as well
    """

    def __init__(
        self,
        endpoint: str,
        plane: ControlPlane,
        directory: Path,
        programs: Programs,
        listen: tuple[str, int] = ("127.0.0.1", 8000),
        settle: float = SETTLE,
    ) -> None:
        self.directory = directory
        self._settings = (endpoint, plane, directory, programs)
        self._listen = listen
        self._settle = settle
        self._asyncio: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._loop: Loop
        self._keeping: asyncio.Task[None]

    def start(self) -> None:
        """Start the current services, and all later ones.

        Raise FargateError, with nothing started, if the port is in use or this machine has no
        loopback addresses for tasks.
        """
        for gap in _GAPS:
            gap.close()
        endpoint, plane, directory, programs = self._settings
        Addresses().check()
        promised = bind(self._listen)
        self._asyncio = asyncio.new_event_loop()
        run = self._asyncio.run_forever
        self._thread = threading.Thread(target=run, name="fargate", daemon=True)
        self._thread.start()

        async def begin() -> None:
            self._loop = Loop(endpoint, plane, directory, programs, promised, self._settle)
            await self._loop.load_balancers.start()
            self._keeping = asyncio.create_task(self._loop.run())

        try:
            asyncio.run_coroutine_threadsafe(begin(), self._asyncio).result()
        except BaseException:
            promised.close()
            self._halt()
            raise

    def wait_until_steady(self, timeout: float, service: str | None = None) -> None:
        """Wait until every service runs its desired count of healthy tasks, and no others.

        `service`, an ARN, limits this to one service.

        Raise FargateError after `timeout` seconds, or as soon as the circuit breaker has stopped a
        deployment. It names the service, how its last task stopped, the exit code and the last
        lines.
        """
        if self._asyncio is None:
            raise ending()
        waiting = self._loop.wait_until_steady(timeout, service)
        try:
            asyncio.run_coroutine_threadsafe(waiting, self._asyncio).result()
        except (concurrent.futures.CancelledError, RuntimeError) as error:
            waiting.close()  # where the loop was closed before it could take it
            raise ending() from error

    def running_tasks(self) -> list[RunningTask]:
        """Return the tasks in RUNNING."""
        return [] if self._asyncio is None else self._loop.running_tasks()

    def interrupt(
        self, service: str, count: int | None = None, without_capacity: float = 0.0
    ) -> list[str]:
        """Interrupt so many running Spot tasks of a service, all of them if None.

        Return the IDs of the tasks.

        :param service: its name in ECS
        :param without_capacity: seconds of the control plane in which no Spot task can start
        """
        if self._asyncio is None:
            raise ending()
        interrupting = self._loop.interrupt(service, count, without_capacity)
        return asyncio.run_coroutine_threadsafe(interrupting, self._asyncio).result()

    def kill(self, service: str, count: int = 1) -> list[str]:
        """Kill the processes of running tasks of a service, and return the IDs of the tasks."""
        if self._asyncio is None:
            raise ending()
        killing = self._loop.kill(service, count)
        return asyncio.run_coroutine_threadsafe(killing, self._asyncio).result()

    @property
    def requests(self) -> Requests:
        """Return the requests that load balancers have answered."""
        return self._loop.requests

    def choices(self) -> dict[str, Choice]:
        """Return what runs in place of each container, by `SERVICE/CONTAINER`."""
        return {} if self._asyncio is None else dict(self._loop.choices)

    def urls(self) -> dict[str, str]:
        """Return the URL of each load balancer by its name."""
        return {} if self._asyncio is None else self._loop.load_balancers.urls()

    def stop(self, grace: float = GRACE) -> None:
        """Stop every task and close every port. Does nothing if nothing runs.

        :param grace: seconds from SIGTERM to SIGKILL at most, whatever `stopTimeout` says
        """
        running = self._asyncio
        if running is None:
            return

        async def end() -> None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
            await self._loop.stop(grace)
            left = asyncio.all_tasks() - {asyncio.current_task()}
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await running.shutdown_asyncgens()
            await running.shutdown_default_executor()

        try:
            asyncio.run_coroutine_threadsafe(end(), running).result()
        finally:
            self._halt()

    def _halt(self) -> None:
        """Stop the thread."""
        running, thread = self._asyncio, self._thread
        self._asyncio = self._thread = None
        if running is not None and thread is not None:
            running.call_soon_threadsafe(running.stop)
            thread.join()
            running.close()
