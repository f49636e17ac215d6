"""The reasons why a resource changes, as DescribeChangeSet reports them.

A changed value that was written into the template is Static. For one that comes from a function,
CloudFormation reports what the function refers to: Static if it is certain to change (a parameter,
a resource that is added or replaced), else Dynamic.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets-samples.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChangeDetail.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.changes.change_set import Change, Detail, Target
from ops.local.cloudformation.changes.recreation import requires_recreation
from ops.local.cloudformation.intrinsics import mentions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_MISSING = object()


@dataclass(frozen=True)
class Sides:
    """A resource's declaration and resolved properties, before and after."""

    type_name: str
    declared_before: Mapping[str, Any]
    declared: Mapping[str, Any]
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class Causes:
    """The changes elsewhere: parameters, and resources by their logical IDs."""

    parameters: frozenset[str]
    resources: Mapping[str, Change]


def details_of(sides: Sides, causes: Causes) -> tuple[Detail, ...]:
    """Return the reasons for a change of a resource; nothing if it stays as it is."""
    details = list(_properties(sides, causes))
    if sides.declared_before.get("Metadata") != sides.declared.get("Metadata"):
        target = Target("Metadata", None, "Never")
        details.append(Detail(target, "Static", "DirectModification"))
    return tuple(details)


def replacement_of(details: Iterable[Detail]) -> str:
    """Return the effect of the change with the most impact: True, Conditional or False.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html
    """
    effects = {(detail.target.requires_recreation, detail.evaluation) for detail in details}
    if ("Always", "Static") in effects:
        return "True"
    is_possible = any(recreation != "Never" for recreation, _ in effects)
    return "Conditional" if is_possible else "False"


def scope_of_changes(details: Iterable[Detail]) -> tuple[str, ...]:
    """Return the attributes that the details are about, each once."""
    return tuple(dict.fromkeys(detail.target.attribute for detail in details))


def policy_action(action: str, replacement: str | None, declared: Mapping[str, Any]) -> str | None:
    """Return what happens to the old physical resource; None if nothing does."""
    if action == "Remove":
        return _policy(declared.get("DeletionPolicy"))
    if action == "Modify" and replacement != "False":
        return f"ReplaceAnd{_policy(declared.get('UpdateReplacePolicy'))}"
    return None


def _policy(declared: str | None) -> str:
    if declared in {"Retain", "RetainExceptOnCreate"}:
        return "Retain"
    return "Snapshot" if declared == "Snapshot" else "Delete"


def _properties(sides: Sides, causes: Causes) -> Iterator[Detail]:
    for name in dict.fromkeys([*sides.before, *sides.after]):
        if sides.before.get(name, _MISSING) == sides.after.get(name, _MISSING):
            continue
        is_tags = name == "Tags"
        target = Target(
            "Tags" if is_tags else "Properties",
            None if is_tags else name,
            requires_recreation(sides.type_name, name),
        )
        yield from _details(target, name, sides, causes)


def _details(target: Target, name: str, sides: Sides, causes: Causes) -> Iterator[Detail]:
    declared = (sides.declared.get("Properties") or {}).get(name)
    declared_before = (sides.declared_before.get("Properties") or {}).get(name)
    causing = [
        Detail(target, evaluation, source, entity)
        for evaluation, source, entity in _causes(declared, causes)
    ]
    is_parameter = any(detail.change_source == "ParameterReference" for detail in causing)
    if not causing:
        yield Detail(target, "Static", "DirectModification")
    elif is_parameter or declared != declared_before:
        yield Detail(target, "Dynamic", "DirectModification")
    yield from causing


def _causes(declared: Any, causes: Causes) -> Iterator[tuple[str, str, str]]:
    for name, attribute in dict.fromkeys(mentions(declared)):
        change = causes.resources.get(name)
        if name in causes.parameters:
            yield "Static", "ParameterReference", name
        elif change is not None:
            is_certain = change.action == "Add" or change.replacement == "True"
            evaluation = "Static" if is_certain else "Dynamic"
            if attribute:
                yield evaluation, "ResourceAttribute", f"{name}.{attribute}"
            elif change.action == "Add" or change.replacement != "False":
                yield evaluation, "ResourceReference", name
