"""Deletion of resources and whole stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops.local.cloudformation import exports
from ops.local.cloudformation.resources.base import Context, World
from ops.local.cloudformation.resources.registry import resource_type
from ops.local.cloudformation.template import TemplateError

if TYPE_CHECKING:
    from ops.local.cloudformation.stack import Resource, Stack
    from ops.local.cloudformation.template import Template

_PASSES = 3
"""How often what other resources still use is tried again."""


class ResourceFailedError(Exception):
    """A resource could not be created, changed or deleted; the message is the reason."""

    def __init__(self, reason: str, resource: Resource | None = None) -> None:
        super().__init__(reason)
        self.resource = resource


def reason_of(error: Exception) -> str:
    """Return the failure's reason for the stack's events."""
    if isinstance(error, ClientError):
        details = error.response["Error"]
        return (
            f'Resource handler returned message: "{details.get("Message")}" '
            f"(HandlerErrorCode: {details.get('Code')})"
        )
    return str(error) or type(error).__name__


def remove(stack: Stack, world: World, resource: Resource) -> None:
    """Delete one resource, and record it in the stack's events.

    Raise ResourceFailedError if it could not be deleted.
    """
    stack.tell(resource, "DELETE_IN_PROGRESS")
    kind = resource_type(resource.cf_resource_type)
    try:
        kind.delete(Context(stack, resource.logical_resource_id, world), resource)
    except Exception as error:
        reason = reason_of(error)
        stack.tell(resource, "DELETE_FAILED", reason)
        raise ResourceFailedError(f"[{resource.logical_resource_id}]: {reason}") from error
    stack.tell(resource, "DELETE_COMPLETE")


def keeps(template: Template, name: str, policy: str) -> bool:
    """Return whether the template retains a resource, by its `DeletionPolicy` or
    `UpdateReplacePolicy`.

    `RetainExceptOnCreate` differs from `Retain` only where a creation is rolled back.
    """
    declared = (template.get("Resources") or {}).get(name, {})
    return declared.get(policy) in {"Retain", "RetainExceptOnCreate"}


def delete(stack: Stack, world: World) -> None:
    """Delete a stack's resources, the last created first, and set its final status."""
    stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
    try:
        exports.withdraw(stack, world)
    except TemplateError as error:
        stack.set_status("DELETE_FAILED", str(error))
        return
    failures: list[str] = []
    for _ in range(_PASSES):
        failures = _delete_resources(stack, world)
        if not failures:
            break
    if failures:
        reason = f"The following resource(s) failed to delete: {'; '.join(failures)}"
        stack.set_status("DELETE_FAILED", reason)
    else:
        stack.set_status("DELETE_COMPLETE")


def _delete_resources(stack: Stack, world: World) -> list[str]:
    failures = []
    for name, resource in reversed(list(stack.resources.items())):
        if keeps(stack.template_dict, name, "DeletionPolicy"):
            stack.tell(resource, "DELETE_SKIPPED")
        elif not resource.physical_resource_id:  # its creation failed before there was one
            stack.tell(resource, "DELETE_COMPLETE")
        else:
            try:
                remove(stack, world, resource)
            except ResourceFailedError as error:
                failures.append(str(error))
                continue
        del stack.resources[name]
    return failures
