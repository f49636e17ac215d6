"""Creation and update of a stack.

Source of the order, the statuses and the rollback: "Stack status codes", "Update behaviors of
stack resources" and "Stack failure options" in the CloudFormation user guide.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from typing import TYPE_CHECKING

from ops.local.cloudformation import exports
from ops.local.cloudformation.operations.cancellation import check_cancelled, settle
from ops.local.cloudformation.operations.removal import (
    ResourceFailedError,
    keeps,
    reason_of,
    remove,
)
from ops.local.cloudformation.operations.way_back import roll_back
from ops.local.cloudformation.resources.base import Context, Made, Properties, World
from ops.local.cloudformation.resources.registry import resource_type, with_tags
from ops.local.cloudformation.scope import check_references, in_order, scope_of
from ops.local.cloudformation.stack import Resource, Stack, WayBack
from ops.local.cloudformation.template import (
    TemplateError,
    check_types,
    parameter_values,
    parse,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

_OF_TEMPLATE = ("template", "template_dict", "stack_parameters", "tags")
_OF_RESOURCES = ("outputs", "exports", "imports", "resources")


class Deployment:
    """One change of a stack, which succeeds completely, is rolled back, or stops as it failed."""

    def __init__(self, stack: Stack, world: World) -> None:
        self._stack = stack
        self._world = world
        self._verb = "CREATE" if stack.status == "REVIEW_IN_PROGRESS" else "UPDATE"
        self._template_before = stack.template_dict
        # What failed before and was left goes back to the same state as this change.
        self._way = stack.way_back or self._way_back()

    def _way_back(self) -> WayBack:
        is_new = self._verb == "CREATE"
        # A failed creation still reports its properties.
        restored = _OF_RESOURCES if is_new else _OF_TEMPLATE + _OF_RESOURCES
        return WayBack(is_new, {name: getattr(self._stack, name) for name in restored})

    def run(self, body: str, parameters: dict[str, str], tags: dict[str, str] | None) -> None:
        """Apply the template; the stack's status shows the outcome."""
        stack = self._stack
        stack.cancelled.clear()
        stack.set_status(f"{self._verb}_IN_PROGRESS", "User Initiated")
        try:
            self._take(body, parameters, tags)
            self._apply()
            exports.publish(stack, self._world, scope_of(stack, self._world))
        except (ResourceFailedError, TemplateError) as error:
            self._fail(str(error), getattr(error, "resource", None))
        except Exception as error:
            # Whatever it is, clients wait for an end of the operation.
            log.exception("%s: fault in the emulator", stack.name)
            self._fail(f"Internal Failure: {reason_of(error)}")
        else:
            self._succeed()

    def _succeed(self) -> None:
        stack = self._stack
        if self._verb == "UPDATE":
            stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        for clean_up in reversed(self._way.clean_ups):
            clean_up()
        stack.way_back = None
        stack.set_status(f"{self._verb}_COMPLETE")

    def _fail(self, reason: str, resource: Resource | None = None) -> None:
        """Roll back, or leave what was done: DisableRollback, which a cancellation overrides."""
        stack = self._stack
        if stack.on_failure == "ROLLBACK" or stack.cancelled.is_set():
            roll_back(stack, self._world, self._way, reason)
            return
        if resource is not None:
            self._leave(resource)
        stack.way_back = self._way
        stack.set_status(f"{self._verb}_FAILED", reason)

    def _leave(self, resource: Resource) -> None:
        """Change the resource that failed back; one that is new stays failed until the next
        operation.
        """
        restores, reason = self._way.restores, resource.resource_status_reason
        current = self._stack.resources[resource.logical_resource_id]
        with contextlib.suppress(Exception):  # its first reason is the one to report
            if restores and restores[-1][0] is resource:
                restores.pop()[1]()
            elif current is not resource:  # its replacement failed
                self._remove_failed(resource)
        if current.resource_status != "CREATE_FAILED":
            self._stack.tell(current, "UPDATE_FAILED", reason)

    def _take(self, body: str, parameters: dict[str, str], tags: dict[str, str] | None) -> None:
        stack = self._stack
        template = parse(body)
        check_references(template)
        check_types(template, stack.types())
        stack.template, stack.template_dict = body, template
        stack.stack_parameters = parameter_values(template, parameters)
        stack.imports = set()
        stack.resources = dict(stack.resources)
        if tags is not None:
            stack.tags = tags

    def _apply(self) -> None:
        stack = self._stack
        scope = scope_of(stack, self._world)
        order = in_order(stack.template_dict, scope)
        for name in order:
            check_cancelled(stack)
            declared = stack.template_dict["Resources"][name]
            resolved = scope.resolve(declared.get("Properties", {}))
            properties = with_tags(declared["Type"], resolved, stack.tags)
            self._apply_one(name, declared["Type"], properties)
        for name in [name for name in stack.resources if name not in order]:
            is_kept = keeps(self._template_before, name, "DeletionPolicy")
            self._discard(stack.resources.pop(name), is_kept=is_kept)

    def _apply_one(self, name: str, type_name: str, properties: Properties) -> None:
        existing = self._stack.resources.get(name)
        if existing is not None and existing.resource_status == "CREATE_FAILED":
            self._remove_failed(existing)
            existing = None
        if existing is None:
            self._create(Resource(name, type_name, properties), "CREATE")
        elif existing.properties != properties:
            self._update(existing, properties)

    def _remove_failed(self, resource: Resource) -> None:
        """Delete what is left of a creation that failed, before it is tried again."""
        if any(created is resource for created in self._way.created):
            remove(self._stack, self._world, resource)
            self._way.created = [entry for entry in self._way.created if entry is not resource]

    def _create(self, resource: Resource, verb: str) -> None:
        stack, context = self._stack, self._context(resource.logical_resource_id)
        kind = resource_type(resource.cf_resource_type)
        stack.tell(resource, f"{verb}_IN_PROGRESS")
        if verb == "CREATE":
            stack.resources[resource.logical_resource_id] = resource
        with self._failing(resource, verb):
            _take(resource, kind.create(context, resource.properties))
            self._way.created.append(resource)
            settle(kind, context, resource)
        stack.resources[resource.logical_resource_id] = resource
        stack.tell(resource, f"{verb}_COMPLETE")

    def _update(self, resource: Resource, properties: Properties) -> None:
        stack, context = self._stack, self._context(resource.logical_resource_id)
        kind, old = resource_type(resource.cf_resource_type), dataclasses.replace(resource)
        stack.tell(resource, "UPDATE_IN_PROGRESS")
        self._way.restores.append((resource, lambda: self._restore(resource, old)))
        with self._failing(resource, "UPDATE"):
            updated = kind.update(context, resource, properties)
            resource.properties = properties
            if updated is not None:
                _take(resource, updated)
                settle(kind, context, resource)
        if updated is None:
            self._way.restores.pop()
            resource.properties = old.properties
            self._replace(resource, dataclasses.replace(old, properties=properties))
        else:
            stack.tell(resource, "UPDATE_COMPLETE")

    def _replace(self, old: Resource, new: Resource) -> None:
        self._create(new, "UPDATE")
        name = new.logical_resource_id
        is_kept = keeps(self._stack.template_dict, name, "UpdateReplacePolicy")
        self._discard(old, is_kept=is_kept)

    def _discard(self, resource: Resource, *, is_kept: bool) -> None:
        """Delete or retain a resource after all other changes."""
        self._way.clean_ups.append(lambda: self._let_go(resource, is_kept=is_kept))

    def _let_go(self, resource: Resource, *, is_kept: bool) -> None:
        if is_kept:
            self._stack.tell(resource, "DELETE_SKIPPED")
            return
        try:
            remove(self._stack, self._world, resource)
        except ResourceFailedError as error:
            # CloudFormation too ends an update whose clean-up failed, and leaves the resource.
            log.warning("%s: not deleted: %s", self._stack.name, error)

    def _restore(self, resource: Resource, old: Resource) -> None:
        context = self._context(resource.logical_resource_id)
        kind = resource_type(old.cf_resource_type)
        restored = kind.update(context, resource, old.properties)
        resource.properties = old.properties
        if restored is not None:
            _take(resource, restored)
            kind.settle(context, resource)
        self._stack.tell(resource, "UPDATE_COMPLETE")

    @contextlib.contextmanager
    def _failing(self, resource: Resource, verb: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            reason = reason_of(error)
            self._stack.tell(resource, f"{verb}_FAILED", reason)
            raise ResourceFailedError(
                f"The following resource(s) failed to {verb.lower()}: "
                f"[{resource.logical_resource_id}]: {reason}",
                resource,
            ) from error

    def _context(self, name: str) -> Context:
        return Context(self._stack, name, self._world)


def _take(resource: Resource, result: Made) -> None:
    resource.physical_resource_id = result.physical_id
    resource.attributes = result.attributes
    resource.handle = result.handle
