"""The rollback of a stack, at once or later: RollbackStack and ContinueUpdateRollback.

An update's rollback first changes resources back, and then, when it can no longer fail, deletes
what the update created. The rollback of a creation deletes everything, and may fail.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ops.local.cloudformation.operations.removal import ResourceFailedError, reason_of, remove

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.cloudformation.resources.base import World
    from ops.local.cloudformation.stack import Resource, Stack, WayBack

log = logging.getLogger(__name__)


def roll_back(stack: Stack, world: World, way: WayBack, reason: str) -> None:
    """Return a stack to its last stable state; its status shows the outcome."""
    if way.is_new:
        _to_nothing(stack, world, way, reason)
    else:
        _to_stable_state(stack, world, way, reason)


def skip(stack: Stack, way: WayBack, names: frozenset[str]) -> None:
    """Leave resources out of a rollback; CloudFormation calls them UPDATE_COMPLETE."""
    for resource, _ in way.restores:
        if resource.logical_resource_id in names:
            stack.tell(resource, "UPDATE_COMPLETE")
    way.restores = [
        (resource, undo)
        for resource, undo in way.restores
        if resource.logical_resource_id not in names
    ]


def _to_nothing(stack: Stack, world: World, way: WayBack, reason: str) -> None:
    stack.set_status("ROLLBACK_IN_PROGRESS", reason)
    failed = _delete_created(stack, world, way)
    if failed:
        stack.way_back = way
        names = ", ".join(failed)
        stack.set_status(
            "ROLLBACK_FAILED", f"The following resource(s) failed to delete: [{names}]."
        )
        return
    _restore_attributes(stack, way)
    stack.set_status("ROLLBACK_COMPLETE", reason)


def _to_stable_state(stack: Stack, world: World, way: WayBack, reason: str) -> None:
    stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", reason)
    way.restores = _undo(stack, way)
    if way.restores:
        stack.way_back = way
        names = ", ".join(resource.logical_resource_id for resource, _ in reversed(way.restores))
        failed = f"The following resource(s) failed to update: [{names}]."
        stack.set_status("UPDATE_ROLLBACK_FAILED", failed)
        return
    stack.set_status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", reason)
    _delete_created(stack, world, way)
    _restore_attributes(stack, way)
    stack.set_status("UPDATE_ROLLBACK_COMPLETE", reason)


def _undo(stack: Stack, way: WayBack) -> list[tuple[Resource, Callable[[], None]]]:
    """Change everything back, the last first, and return what could not be."""
    failed = []
    for resource, undo in reversed(way.restores):
        try:
            undo()
        except Exception as error:  # noqa: BLE001 - the rest must be undone all the same
            log.warning("%s: rollback: %s", stack.name, error)
            stack.tell(resource, "UPDATE_FAILED", reason_of(error))
            failed.append((resource, undo))
    return failed[::-1]


def _delete_created(stack: Stack, world: World, way: WayBack) -> list[str]:
    """Delete what did not exist before, the last first; return what could not be deleted.

    RetainExceptOnCreate does not retain a resource here, hence its name.
    """
    left = []
    for resource in reversed(way.created):
        name = resource.logical_resource_id
        declared = stack.template_dict["Resources"].get(name, {})
        if declared.get("DeletionPolicy") == "Retain":
            stack.tell(resource, "DELETE_SKIPPED")
            continue
        try:
            remove(stack, world, resource)
        except ResourceFailedError as error:
            log.warning("%s: not deleted: %s", stack.name, error)
            left.append(resource)
        else:
            if stack.resources.get(name) is resource:
                del stack.resources[name]
    way.created = left[::-1]
    return [resource.logical_resource_id for resource in left]


def _restore_attributes(stack: Stack, way: WayBack) -> None:
    for name, value in way.before.items():
        setattr(stack, name, value)
    stack.way_back = None
