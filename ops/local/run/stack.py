"""The stack of a service of the running embedded AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.base.errors import OpsError
from ops.copilot.place import ServiceStack
from ops.copilot.stacks import read_stacks
from ops.local.run.preflight import deployed

if TYPE_CHECKING:
    from ops.aws.client import Aws
    from ops.copilot.workspace import Workspace


def service_stack(aws: Aws, workspace: Workspace, environment: str, name: str) -> ServiceStack:
    """Return the stack of a deployed service.

    Raise OpsError for a name that is not deployed, or that ECS does not run.
    """
    types = {service.name: service.type for service in deployed(workspace)}
    if name not in types:
        known = ", ".join(types) or "none"
        raise OpsError(f"No service `{name}` runs here", f"There are: {known}.")
    stack = read_stacks(aws, workspace.application, environment, {name: types[name]})[name]
    if isinstance(stack, OpsError):
        raise stack
    if not isinstance(stack, ServiceStack):
        raise OpsError(f"`{name}` is not an ECS service")
    return stack
