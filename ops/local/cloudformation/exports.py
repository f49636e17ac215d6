"""The outputs of a stack, and its exports, which other stacks import.

Source: "Get exported outputs from a deployed CloudFormation stack": a name is unique in its region,
and an export that another stack imports can be neither changed nor removed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ops.local import assumptions
from ops.local.cloudformation.stack import Export, Stack
from ops.local.cloudformation.template import TemplateError, as_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.cloudformation.intrinsics import Scope
    from ops.local.cloudformation.resources.base import World

# A name in the form of an ARN: policies refuse anything else as a resource.
_PLACEHOLDER = "arn:aws:s3:::placeholder"

_MISSING = re.compile(r"No export named (\S+) found")
_assumed: set[str] = set()


def missing_in(text: str) -> set[str]:
    """Return the names of exports that an error calls missing."""
    return set(_MISSING.findall(text))


def assume(names: set[str]) -> bool:
    """Use a placeholder for these exports from now on; return whether one of them is new."""
    new = names - _assumed
    for name in sorted(new):
        assumptions.note(f"the export {name} is a placeholder: no stack here has it")
    _assumed.update(new)
    return bool(new)


def imported(stack: Stack, world: World, name: str, pending: Callable[[str], Any]) -> Any:
    """Return the value exported under `name`, and record the import by `stack`.

    `pending` returns the future exports of a nested stack's parent. AWS refuses that when both
    stacks are new, and accepts it when the nested one is added to a stack that exists.

    Raise TemplateError if no stack exports it and it is not assumed.
    """
    export = world.exports().get(name)
    if export is None and (value := pending(name)) is not None:
        assumptions.note(f"the export {name} was there before the stack that imports it was added")
        return value
    if export is None and name in _assumed:
        return _placeholder(name, world)
    if export is None:
        raise TemplateError(f"No export named {name} found")
    stack.imports.add(name)
    return export.value


def _placeholder(name: str, world: World) -> str:
    """Return a value of the form that an export's name shows: EC2 accepts no other."""
    ec2, plain = world.client("ec2"), name.lower().replace("-", "")
    if "securitygroup" in plain:
        groups = {"Filters": [{"Name": "group-name", "Values": [name]}]}
        existing = ec2.describe_security_groups(**groups)["SecurityGroups"]
        security_groups = existing or [
            ec2.create_security_group(GroupName=name, Description="assumed")
        ]
        return str(security_groups[0]["GroupId"])
    if "subnet" in plain:
        subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
        return ",".join(subnets if plain.endswith("s") else subnets[:1])
    return str(ec2.describe_vpcs()["Vpcs"][0]["VpcId"]) if "vpc" in plain else _PLACEHOLDER


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
