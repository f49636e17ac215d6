"""The difference that a template would make to a stack."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.changes.change_set import Change
from ops.local.cloudformation.changes.details import (
    Causes,
    Sides,
    details_of,
    policy_action,
    replacement_of,
    scope_of_changes,
)
from ops.local.cloudformation.intrinsics import Unknown
from ops.local.cloudformation.resources.registry import resource_type, with_tags
from ops.local.cloudformation.scope import check_references, in_order, scope_of
from ops.local.cloudformation.template import check_types, parameter_values, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.local.cloudformation.intrinsics import Scope
    from ops.local.cloudformation.resources.base import Properties, World
    from ops.local.cloudformation.stack import Resource, Stack


def changes(
    stack: Stack, world: World, body: str, parameters: dict[str, str], tags: dict[str, str]
) -> list[Change]:
    """Return the difference between the resources of `stack` and the template.

    Raise TemplateError if the template can't be read or resolved.
    """
    planned = _planned(stack, body, parameters, tags)
    touched: dict[str, Change] = {}
    scope = _scope(planned, world, touched)
    order = in_order(planned.template_dict, scope)
    causes = Causes(_changed_parameters(stack, planned), touched)
    for name in order:
        declared = planned.template_dict["Resources"][name]
        resolved = scope.resolve(declared.get("Properties", {}))
        properties = with_tags(declared["Type"], resolved, tags)
        existing = stack.resources.get(name)
        if existing is None:
            touched[name] = Change("Add", name, declared["Type"])
        elif change := _modified(existing, stack, declared, properties, causes):
            touched[name] = change
    removed = [
        _removed(resource, stack) for name, resource in stack.resources.items() if name not in order
    ]
    return [*touched.values(), *removed]


def _modified(
    existing: Resource,
    stack: Stack,
    declared: Mapping[str, Any],
    properties: Properties,
    causes: Causes,
) -> Change | None:
    name, type_name = existing.logical_resource_id, existing.cf_resource_type
    sides = Sides(type_name, _declared(stack, name), declared, existing.properties, properties)
    details = details_of(sides, causes)
    if not details:
        return None
    replacement = replacement_of(details)
    return Change(
        "Modify",
        name,
        type_name,
        existing.physical_resource_id,
        replacement,
        policy_action("Modify", replacement, declared),
        scope_of_changes(details),
        details,
    )


def _removed(resource: Resource, stack: Stack) -> Change:
    name = resource.logical_resource_id
    return Change(
        "Remove",
        name,
        resource.cf_resource_type,
        resource.physical_resource_id,
        policy_action=policy_action("Remove", None, _declared(stack, name)),
    )


def _declared(stack: Stack, name: str) -> Mapping[str, Any]:
    declared: Mapping[str, Any] = (stack.template_dict.get("Resources") or {}).get(name, {})
    return declared


def _changed_parameters(stack: Stack, planned: Stack) -> frozenset[str]:
    before, after = stack.stack_parameters, planned.stack_parameters
    return frozenset(name for name, value in after.items() if before.get(name) != value)


def _planned(stack: Stack, body: str, parameters: dict[str, str], tags: dict[str, str]) -> Stack:
    planned = copy.copy(stack)
    planned.template_dict = parse(body)
    check_references(planned.template_dict)
    check_types(planned.template_dict, stack.types())
    planned.stack_parameters = parameter_values(planned.template_dict, parameters)
    planned.tags = tags
    planned.imports = set()
    return planned


def _scope(planned: Stack, world: World, touched: Mapping[str, Change]) -> Scope:
    """Return the values that are known in advance.

    The ID of a new resource, or of one that may be replaced, is not, nor is any attribute of one
    that changes.
    """

    def reference(name: str) -> Any:
        change = touched.get(name)
        if name not in planned.resources or (change and change.replacement != "False"):
            return Unknown()
        return planned.resources[name].physical_resource_id

    def attribute(name: str, attribute_name: str) -> Any:
        if name not in planned.resources or name in touched:
            return Unknown()
        resource = planned.resources[name]
        return resource_type(resource.cf_resource_type).attribute(resource, attribute_name)

    return scope_of(planned, world, reference, attribute)
