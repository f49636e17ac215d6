"""A Spot interruption, asked of the running embedded AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.aws.client import Aws
from ops.base.errors import OpsError
from ops.local.endpoint.operations import call
from ops.local.run.stack import service_stack

if TYPE_CHECKING:
    from ops.copilot.workspace import Workspace
    from ops.local.run.state import State


def interrupt_service(
    workspace: Workspace, running: State, name: str, count: int | None, without_capacity: float
) -> list[str]:
    """Interrupt running Spot tasks of a service, all of them if `count` is None.

    Return their IDs. Raise OpsError for a service that is not deployed, or that runs none.
    """
    stack = service_stack(Aws(), workspace, running.variables["OPS_ENV"], name)
    ids: list[str] = call(
        running.variables["AWS_ENDPOINT_URL"],
        "interrupt",
        service=stack.service,
        count=count,
        without_capacity=without_capacity,
    )
    if not ids:
        raise OpsError(
            f"No task of `{name}` runs on Spot",
            "`count: range: spot_from:` in its manifest says from which task on Spot is used.",
        )
    return ids
