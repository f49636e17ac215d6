"""The error about a service that does not become steady."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.control.ecs.phase import Phase
from ops.local.fargate.errors import FargateError
from ops.local.fargate.health import Health

if TYPE_CHECKING:
    from ops.local.fargate.services.service import ServiceKeeper
    from ops.local.fargate.tasks.task import Task

LINES = 12
"""How many last lines of a task an error shows."""


def trouble(keeper: ServiceKeeper, *, waited: float | None) -> FargateError:
    """Return the error for a service: counts, last stop, exit codes, unmet checks, last lines.

    :param waited: seconds, None if its deployment has failed for good
    """
    service = keeper.service
    well = sum(task.phase is Phase.HEALTHY for task in keeper.tasks)
    how = "its deployment failed" if waited is None else f"waited {waited:.0f} s"
    parts = [f"Service {service.name} has {well} of {service.desired_count} tasks healthy ({how})"]
    lines: tuple[str, ...] = ()
    if failure := keeper.outcomes.last_failure:
        exits = f" ({', '.join(failure.exits)})" if failure.exits else ""
        parts.append(f"Its last task stopped: {failure.reason}{exits}")
        lines = failure.lines
    for task in keeper.tasks:
        parts += _unmet(task)
        lines = lines or tuple(line for c in task.containers for line in c.log.last)
    shown = "".join(f"\n    {line}" for line in lines[-LINES:])
    return FargateError(
        ". ".join(parts),
        "Fix the problem that its task reports, and deploy again."
        + (f"\nThe last lines of the task:{shown}" if lines else " The task has printed nothing."),
    )


def _unmet(task: Task) -> list[str]:
    """Return the conditions that a task still waits for."""
    lines = [
        f"The health check of container {container.definition.name} prints: "
        f"{container.check_output}"
        for container in task.containers
        if container.definition.check and container.health is not Health.HEALTHY
        if container.check_output
    ]
    return lines + [
        f"Target {target.address}:{target.port} is {target.told.state} ({target.told.description})"
        for target in task.targets
        if target.health is not Health.HEALTHY
    ]
