"""Fargate Spot: interruptions, and times without capacity.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ops.control.ecs.phase import Phase
from ops.control.ecs.providers import SPOT, WARNING
from ops.local.fargate.services.outcomes import SPOT_CODE, SPOT_REASON

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ops.local.fargate.services.announcer import Announcer
    from ops.local.fargate.tasks.task import Task
    from ops.local.metrics.clock import Clock

NO_CAPACITY = "was unable to place a task. Reason: Capacity is unavailable at this time."


class Spot:
    """The Spot capacity of one service."""

    def __init__(self, clock: Clock, announcer: Announcer) -> None:
        self._clock = clock
        self._announcer = announcer
        self._none_until = 0.0
        self._is_announced = False

    def interrupt(
        self, tasks: Iterable[Task], count: int | None, without_capacity: float
    ) -> list[str]:
        """Interrupt so many of the running Spot tasks, all of them if None; return their IDs.

        ECS takes a task out of its target groups, then sends SIGTERM, and SIGKILL after the
        container's `stopTimeout`. `WARNING` seconds after the start, in real time, it is gone.

        :param without_capacity: seconds of the control plane in which no Spot task can start
        """
        running = [
            task
            for task in tasks
            if task.plan.provider == SPOT
            and task.record.last_status == "RUNNING"
            and task.phase is not Phase.STOPPING
        ]
        if without_capacity:
            self._none_until = self._clock.now() + without_capacity
        for task in running[:count]:
            task.stop(SPOT_CODE, SPOT_REASON)
            asyncio.get_running_loop().call_later(WARNING, task.kill)
        ids = [task.record.id for task in running[:count]]
        rule = f"an interrupted task ends within {WARNING} s"
        self._announcer.decide("spot", rule, interrupted=ids, running=len(running))
        return ids

    def has_capacity(self) -> bool:
        """Return whether a Spot task can start; if not, announce it once.

        The scheduler waits for Spot, and never takes capacity on demand instead.
        """
        has = self._clock.now() >= self._none_until
        if not has and not self._is_announced:
            self._announcer.say(NO_CAPACITY)
            self._announcer.action("SERVICE_TASK_PLACEMENT_FAILURE", "ERROR")
            self._announcer.decide("spot", "no Spot capacity: the task waits")
        self._is_announced = not has
        return has
