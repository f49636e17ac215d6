"""Create, update, roll back and delete a stack.

Source for the order of things, statuses and rollback: "Stack status codes" and "Update behaviors
of stack resources" in the CloudFormation user guide.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from typing import TYPE_CHECKING

from ops.local.cloudformation import exports
from ops.local.cloudformation.removal import ResourceFailedError, reason_of, remove
from ops.local.cloudformation.resources.base import Context, Made, Properties, World
from ops.local.cloudformation.resources.registry import resource_type, with_tags
from ops.local.cloudformation.scope import in_order, scope_of
from ops.local.cloudformation.stack import Resource, Stack
from ops.local.cloudformation.template import TemplateError, parameter_values, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)

_RESTORED = (
    "template", "template_dict", "stack_parameters", "tags", "outputs", "exports", "imports",
)  # fmt: skip


class Deployment:
    """One change of a stack, which either happens wholly or is rolled back."""

    def __init__(self, stack: Stack, world: World) -> None:
        self._stack = stack
        self._world = world
        self._before = {name: getattr(stack, name) for name in _RESTORED}
        self._resources = dict(stack.resources)
        self._undo: list[Callable[[], None]] = []
        self._obsolete: list[Resource] = []

    def run(self, body: str, parameters: dict[str, str], tags: dict[str, str] | None) -> None:
        """Apply the template; the stack's status tells how it went."""
        stack = self._stack
        verb = "UPDATE" if stack.status != "REVIEW_IN_PROGRESS" else "CREATE"
        stack.set_status(f"{verb}_IN_PROGRESS", "User Initiated")
        try:
            self._take(body, parameters, tags)
            self._apply()
            exports.publish(stack, self._world, scope_of(stack, self._world))
        except (ResourceFailedError, TemplateError) as error:
            self._roll_back(verb, str(error))
            return
        for resource in reversed(self._obsolete):
            self._remove(resource)
        stack.set_status(f"{verb}_COMPLETE")

    def _take(self, body: str, parameters: dict[str, str], tags: dict[str, str] | None) -> None:
        stack = self._stack
        template = parse(body)
        stack.template, stack.template_dict = body, template
        stack.stack_parameters = parameter_values(template, parameters)
        stack.imports = set()
        if tags is not None:
            stack.tags = tags

    def _apply(self) -> None:
        scope = scope_of(self._stack, self._world)
        order = in_order(self._stack.template_dict, scope)
        for name in order:
            declared = self._stack.template_dict["Resources"][name]
            properties = with_tags(
                declared["Type"], scope.resolve(declared.get("Properties", {})), self._stack.tags
            )
            self._apply_one(name, declared["Type"], properties)
        for name in [name for name in self._stack.resources if name not in order]:
            self._obsolete.append(self._stack.resources.pop(name))

    def _apply_one(self, name: str, type_name: str, properties: Properties) -> None:
        existing = self._stack.resources.get(name)
        if existing is None:
            self._create(Resource(name, type_name, properties), "CREATE")
        elif existing.cf_resource_type != type_name:
            self._replace(existing, Resource(name, type_name, properties))
        elif existing.properties != properties:
            self._update(existing, properties)

    def _create(self, resource: Resource, verb: str) -> None:
        stack, name = self._stack, resource.logical_resource_id
        stack.tell(resource, f"{verb}_IN_PROGRESS")
        kind = resource_type(resource.cf_resource_type)
        with self._failing(resource, verb):
            made = kind.create(self._context(name), resource.properties)
        _take(resource, made)
        stack.resources[name] = resource
        self._undo.append(lambda: self._remove(resource))
        stack.tell(resource, f"{verb}_COMPLETE")

    def _update(self, resource: Resource, properties: Properties) -> None:
        stack, old = self._stack, dataclasses.replace(resource)
        stack.tell(resource, "UPDATE_IN_PROGRESS")
        kind = resource_type(resource.cf_resource_type)
        self._undo.append(lambda: self._restore(resource, old))
        with self._failing(resource, "UPDATE"):
            made = kind.update(self._context(resource.logical_resource_id), resource, properties)
        if made is None:
            new = Resource(resource.logical_resource_id, resource.cf_resource_type, properties)
            self._undo.pop()
            self._replace(resource, new)
            return
        resource.properties = properties
        _take(resource, made)
        stack.tell(resource, "UPDATE_COMPLETE")

    def _replace(self, old: Resource, new: Resource) -> None:
        self._create(new, "UPDATE")
        self._obsolete.append(old)

    def _restore(self, resource: Resource, old: Resource) -> None:
        context = self._context(resource.logical_resource_id)
        made = resource_type(old.cf_resource_type).update(context, resource, old.properties)
        resource.properties = old.properties
        if made is not None:
            _take(resource, made)
        self._stack.tell(resource, "UPDATE_COMPLETE")

    def _remove(self, resource: Resource) -> None:
        try:
            remove(self._stack, self._world, resource)
        except ResourceFailedError as error:
            # CloudFormation too ends an update whose clean-up failed, and leaves the resource.
            log.warning("%s: left behind: %s", self._stack.name, error)

    def _roll_back(self, verb: str, reason: str) -> None:
        stack = self._stack
        progress = "ROLLBACK" if verb == "CREATE" else "UPDATE_ROLLBACK"
        stack.set_status(f"{progress}_IN_PROGRESS", reason)
        for undo in reversed(self._undo):
            try:
                undo()
            except Exception as error:  # noqa: BLE001 - the rest must be undone all the same
                log.warning("%s: rollback: %s", stack.name, error)
        for name, value in self._before.items():
            setattr(stack, name, value)
        stack.resources = self._resources
        stack.set_status(f"{progress}_COMPLETE", reason)

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


def _take(resource: Resource, made: Made) -> None:
    resource.physical_resource_id = made.physical_id
    resource.attributes = made.attributes
    resource.handle = made.handle
