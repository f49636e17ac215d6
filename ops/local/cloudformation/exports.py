"""The outputs of a stack, and its exports, which other stacks import.

Source: "Get exported outputs from a deployed CloudFormation stack": a name is unique in its region,
and an export that another stack imports can be neither changed nor removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.local import assumptions
from ops.local.cloudformation.stack import Export, Stack
from ops.local.cloudformation.template import TemplateError, as_text

if TYPE_CHECKING:
    from ops.local.cloudformation.intrinsics import Scope
    from ops.local.cloudformation.resources.base import World

_PLACEHOLDER = "placeholder"


def imported(stack: Stack, world: World, name: str) -> Any:
    """Return the value exported under `name`, and record the import by `stack`.

    A name that does not begin with the application's is of another stack of the account: its value
    is a placeholder. Raise TemplateError if no stack exports one of the application's own.
    """
    export = world.exports().get(name)
    if export is None:
        application = stack.tags.get("copilot-application")
        if not application or str(name).startswith(f"{application}-"):
            raise TemplateError(f"No export named {name} found")
        assumptions.note(f"the export {name} of another stack is `{_PLACEHOLDER}`")
        return _PLACEHOLDER
    stack.imports.add(name)
    return export.value


def publish(stack: Stack, world: World, scope: Scope) -> None:
    """Compute the stack's outputs, and publish its exports in the region.

    Raise TemplateError if a name is another stack's, or a changed export is in use.
    """
    outputs, published = [], []
    for key, declared in (stack.template_dict.get("Outputs") or {}).items():
        if not scope.active(declared):
            continue
        value = _text(scope.resolve(declared.get("Value")))
        output = {"OutputKey": key, "OutputValue": value}
        if declared.get("Description"):
            output["Description"] = scope.resolve(declared["Description"])
        if declared.get("Export"):
            output["ExportName"] = scope.resolve(declared["Export"]["Name"])
            published.append(Export(stack.stack_id, output["ExportName"], value))
        outputs.append(output)
    _replace(stack, world, published)
    stack.outputs, stack.exports = outputs, published


def withdraw(stack: Stack, world: World) -> None:
    """Remove the stack's exports.

    Raise TemplateError if one is in use.
    """
    _replace(stack, world, [])


def _text(value: Any) -> str:
    return ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)


def _replace(stack: Stack, world: World, published: list[Export]) -> None:
    region = world.exports()
    new = {export.name: export for export in published}
    for name, export in new.items():
        if name in region and region[name].exporting_stack_id != stack.stack_id:
            raise TemplateError(
                f"Export with name {name} is already exported by stack "
                f"{_name(region[name].exporting_stack_id)}"
            )
        if name in region and region[name].value != export.value:
            _refuse_if_used(stack, world, name, "updated")
    gone = [n for n, e in region.items() if e.exporting_stack_id == stack.stack_id and n not in new]
    for name in gone:
        _refuse_if_used(stack, world, name, "deleted")
    for name in gone:
        del region[name]
    region.update(new)


def _refuse_if_used(stack: Stack, world: World, name: str, verb: str) -> None:
    users = [s.name for s in world.stacks() if name in s.imports and s is not stack]
    if users:
        raise TemplateError(
            f"Export {name} cannot be {verb} as it is in use by {' and '.join(users)}"
        )


def _name(stack_id: str) -> str:
    return stack_id.split("/")[1]
