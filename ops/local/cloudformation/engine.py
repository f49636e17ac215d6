"""Creation, update and rollback of a stack.

Source of the order, the statuses and the rollback: "Stack status codes" and "Update behaviors of
stack resources" in the CloudFormation user guide.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from typing import TYPE_CHECKING

from ops.local.cloudformation import exports
from ops.local.cloudformation.cancellation import check_cancelled, settle
from ops.local.cloudformation.removal import ResourceFailedError, keeps, reason_of, remove
from ops.local.cloudformation.resources.base import Context, Made, Properties, World
from ops.local.cloudformation.resources.registry import resource_type, with_tags
from ops.local.cloudformation.scope import check_references, in_order, scope_of
from ops.local.cloudformation.stack import Resource, Stack
from ops.local.cloudformation.template import TemplateError, parameter_values, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)

_OF_TEMPLATE = ("template", "template_dict", "stack_parameters", "tags")
_OF_RESOURCES = ("outputs", "exports", "imports", "resources")


class Deployment:
    """One change of a stack, which either succeeds completely or is rolled back."""

    def __init__(self, stack: Stack, world: World) -> None:
        self._stack = stack
        self._world = world
        self._verb = "CREATE" if stack.status == "REVIEW_IN_PROGRESS" else "UPDATE"
        # A failed creation still reports its properties.
        restored = _OF_RESOURCES if self._verb == "CREATE" else _OF_TEMPLATE + _OF_RESOURCES
        self._before = {name: getattr(stack, name) for name in restored}
        self._template_before = stack.template_dict
        self._undo: list[tuple[Resource, Callable[[], None]]] = []
        self._clean_up: list[Callable[[], None]] = []

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
            self._roll_back(str(error))
        except Exception as error:
            # Whatever it is, clients wait for an end of the operation.
            log.exception("%s: fault in the emulator", stack.name)
            self._roll_back(f"Internal Failure: {reason_of(error)}")
        else:
            for clean_up in reversed(self._clean_up):
                clean_up()
            stack.set_status(f"{self._verb}_COMPLETE")

    def _take(self, body: str, parameters: dict[str, str], tags: dict[str, str] | None) -> None:
        stack = self._stack
        template = parse(body)
        check_references(template)
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
        if existing is None:
            self._create(Resource(name, type_name, properties), "CREATE")
        elif existing.cf_resource_type != type_name:
            self._replace(existing, Resource(name, type_name, properties))
        elif existing.properties != properties:
            self._update(existing, properties)

    def _create(self, resource: Resource, verb: str) -> None:
        stack, context = self._stack, self._context(resource.logical_resource_id)
        kind = resource_type(resource.cf_resource_type)
        stack.tell(resource, f"{verb}_IN_PROGRESS")
        with self._failing(resource, verb):
            _take(resource, kind.create(context, resource.properties))
            self._undo.append((resource, lambda: self._take_back(resource)))
            settle(kind, context, resource)
        stack.resources[resource.logical_resource_id] = resource
        stack.tell(resource, f"{verb}_COMPLETE")

    def _update(self, resource: Resource, properties: Properties) -> None:
        stack, context = self._stack, self._context(resource.logical_resource_id)
        kind, old = resource_type(resource.cf_resource_type), dataclasses.replace(resource)
        stack.tell(resource, "UPDATE_IN_PROGRESS")
        self._undo.append((resource, lambda: self._restore(resource, old)))
        with self._failing(resource, "UPDATE"):
            updated = kind.update(context, resource, properties)
            resource.properties = properties
            if updated is not None:
                _take(resource, updated)
                settle(kind, context, resource)
        if updated is None:
            self._undo.pop()
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
        self._clean_up.append(lambda: self._let_go(resource, is_kept=is_kept))

    def _take_back(self, resource: Resource) -> None:
        """Undo a creation; RetainExceptOnCreate does not retain the resource in this case."""
        declared = self._stack.template_dict["Resources"][resource.logical_resource_id]
        self._let_go(resource, is_kept=declared.get("DeletionPolicy") == "Retain")

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

    def _roll_back(self, reason: str) -> None:
        stack = self._stack
        progress = "ROLLBACK" if self._verb == "CREATE" else "UPDATE_ROLLBACK"
        stack.set_status(f"{progress}_IN_PROGRESS", reason)
        self._undo = self._undo_all()
        if self._undo and self._verb == "UPDATE":
            names = ", ".join(resource.logical_resource_id for resource, _ in self._undo)
            stack.roll_back_again = self._continue
            failed = f"The following resource(s) failed to update: [{names}]."
            stack.set_status(f"{progress}_FAILED", failed)
            return
        for name, value in self._before.items():
            setattr(stack, name, value)
        stack.set_status(f"{progress}_COMPLETE", reason)

    def _continue(self, skipped: frozenset[str]) -> None:
        """Continue a failed rollback without the resources to skip: ContinueUpdateRollback."""
        self._undo = [
            undoing for undoing in self._undo if undoing[0].logical_resource_id not in skipped
        ]
        self._undo.reverse()
        self._roll_back(self._stack.stack_status_reason or "")

    def _undo_all(self) -> list[tuple[Resource, Callable[[], None]]]:
        """Undo everything in reverse order; return the resources that could not be undone, the last
        first.
        """
        failed = []
        for resource, undo in reversed(self._undo):
            try:
                undo()
            except Exception as error:  # noqa: BLE001 - the rest must be undone all the same
                log.warning("%s: rollback: %s", self._stack.name, error)
                self._stack.tell(resource, "UPDATE_FAILED", reason_of(error))
                failed.append((resource, undo))
        return failed

    @contextlib.contextmanager
    def _failing(self, resource: Resource, verb: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            reason = reason_of(error)
            self._stack.tell(resource, f"{verb}_FAILED", reason)
            raise ResourceFailedError(
                f"The following resource(s) failed to {verb.lower()}: "
                f"[{resource.logical_resource_id}]: {reason}"
            ) from error

    def _context(self, name: str) -> Context:
        return Context(self._stack, name, self._world)


def _take(resource: Resource, result: Made) -> None:
    resource.physical_resource_id = result.physical_id
    resource.attributes = result.attributes
    resource.handle = result.handle
