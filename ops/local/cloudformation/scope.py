"""The values that a stack template's functions refer to, and the resulting order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.local.cloudformation import exports
from ops.local.cloudformation.intrinsics import Scope, references
from ops.local.cloudformation.resources.registry import resource_type
from ops.local.cloudformation.template import Template, TemplateError, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ops.local.cloudformation.resources.base import World
    from ops.local.cloudformation.stack import Resource, Stack


def scope_of(
    stack: Stack,
    world: World,
    reference: Callable[[str], Any] | None = None,
    attribute: Callable[[str, str], Any] | None = None,
) -> Scope:
    """Return the values for the functions in the stack's template, by default its live
    resources.
    """

    def physical_id(name: str) -> Any:
        return _existing(stack, name).physical_resource_id

    def live_attribute(name: str, attribute_name: str) -> Any:
        resource = _existing(stack, name)
        return resource_type(resource.cf_resource_type).attribute(resource, attribute_name)

    return Scope(
        template=stack.template_dict,
        parameters=stack.stack_parameters,
        pseudo={
            "AWS::AccountId": world.account,
            "AWS::NotificationARNs": stack.notification_arns,
            "AWS::Partition": "aws",
            "AWS::Region": world.region,
            "AWS::StackId": stack.stack_id,
            "AWS::StackName": stack.name,
            "AWS::URLSuffix": "amazonaws.com",
        },
        reference=reference or physical_id,
        attribute=attribute or live_attribute,
        import_value=lambda name: exports.imported(
            stack, world, name, lambda export: _pending(stack, world, export)
        ),
    )


def _pending(stack: Stack, world: World, name: str) -> Any:
    """Return what the parent of a nested stack is about to export under a name; else None."""
    parent = next(
        (candidate for candidate in world.stacks() if candidate.stack_id == stack.parent_id), None
    )
    if parent is None:
        return None
    scope = scope_of(parent, world)
    for declared in (parent.template_dict.get("Outputs") or {}).values():
        exported = declared.get("Export")
        if exported and scope.active(declared) and scope.resolve(exported["Name"]) == name:
            value = scope.resolve(declared.get("Value"))
            return ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)
    return None


def _existing(stack: Stack, name: str) -> Resource:
    try:
        return stack.resources[name]
    except KeyError:
        raise TemplateError(_unresolved([name], "Resources")) from None


def _unresolved(names: Iterable[str], block: str) -> str:
    return (
        f"Template format error: Unresolved resource dependencies [{', '.join(names)}] in the "
        f"{block} block of the template"
    )


def check_references(template: Template) -> None:
    """Raise TemplateError, with the names, if a template refers to what it does not declare."""
    known = {*template["Resources"], *(template.get("Parameters") or {})}
    for block in ("Resources", "Outputs"):
        used = references(template.get(block) or {})
        missing = sorted(n for n in {*used} - known if not n.startswith("AWS::"))
        if missing:
            raise TemplateError(_unresolved(missing, block))


def in_order(template: Template, scope: Scope) -> list[str]:
    """Return the logical IDs of the active resources, each after its dependencies."""
    declared = {n: d for n, d in template["Resources"].items() if scope.active(d)}
    ordered: list[str] = []
    visiting: list[str] = []

    def visit(name: str) -> None:
        if name in ordered:
            return
        if name in visiting:
            circle = visiting[visiting.index(name) :]
            raise TemplateError(f"Circular dependency between resources: [{', '.join(circle)}]")
        visiting.append(name)
        for needed in _needs(declared[name]):
            if needed in declared:
                visit(needed)
        visiting.pop()
        ordered.append(name)

    for name in declared:
        visit(name)
    return ordered


def _needs(declared: dict[str, Any]) -> Iterator[str]:
    depends = declared.get("DependsOn", [])
    yield from [depends] if isinstance(depends, str) else depends
    yield from references(declared.get("Properties", {}))
