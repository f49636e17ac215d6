"""CloudFormation's intrinsic functions and conditions.

Source: "Intrinsic function reference" of the CloudFormation user guide.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.local import assumptions
from ops.local.cloudformation.template import Template, TemplateError, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

NO_VALUE = object()
"""What `AWS::NoValue` resolves to: the property or list item that holds it is left out."""


class Unknown:
    """A value that a change set cannot know before the change; it equals nothing."""

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = object.__hash__

    def __str__(self) -> str:
        return f"unknown-{id(self)}"


_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")


@dataclass(frozen=True)
class Scope:
    """Everything that a template's functions may refer to.

    `reference` returns a resource's physical ID, `attribute` one of its attributes, `import_value`
    another stack's export; each raises TemplateError if it does not exist.
    """

    template: Template
    parameters: Mapping[str, str]
    pseudo: Mapping[str, Any]
    reference: Callable[[str], Any]
    attribute: Callable[[str, str], Any]
    import_value: Callable[[str], Any]
    _conditions: dict[str, bool] = field(default_factory=dict)

    def ref(self, name: str) -> Any:
        """Return the value of `Ref: name`."""
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.parameters:
            value = self.parameters[name]
            is_list = "List" in self.template["Parameters"][name].get("Type", "String")
            return [item.strip() for item in value.split(",")] if is_list else value
        return self.reference(name)

    def condition(self, name: str) -> bool:
        """Return whether the condition `name` of the template is true."""
        if name not in self._conditions:
            declared = (self.template.get("Conditions") or {}).get(name)
            if declared is None:
                raise TemplateError(
                    f"Template format error: Unresolved condition dependency {name}"
                )
            self._conditions[name] = self.holds(declared)
        return self._conditions[name]

    def holds(self, expression: Any) -> bool:
        """Return whether a condition expression is true."""
        if not isinstance(expression, dict) or len(expression) != 1:
            raise TemplateError(f"Template error: {expression!r} is not a condition")
        ((function, operand),) = expression.items()
        match function:
            case "Condition":
                return self.condition(operand)
            case "Fn::Equals":
                left, right = (as_text(self.resolve(side)) for side in operand)
                return left == right
            case "Fn::Not":
                return not self.holds(operand[0])
            case "Fn::And":
                return all(self.holds(part) for part in operand)
            case "Fn::Or":
                return any(self.holds(part) for part in operand)
            case _:
                raise TemplateError(f"Template error: {function} is not a condition function")

    def active(self, declared: Mapping[str, Any]) -> bool:
        """Return whether a resource or output exists: it has no condition, or a true one."""
        return "Condition" not in declared or self.condition(declared["Condition"])

    def resolve(self, value: Any) -> Any:
        """Return `value` with every function in it replaced by its result."""
        if isinstance(value, dict):
            if len(value) == 1:
                ((name, operand),) = value.items()
                if name == "Ref":
                    return self.ref(operand)
                if name in _FUNCTIONS:
                    return self._call(name, operand)
            resolved = {key: self.resolve(item) for key, item in value.items()}
            return {key: item for key, item in resolved.items() if item is not NO_VALUE}
        if isinstance(value, list):
            items = (self.resolve(item) for item in value)
            return [item for item in items if item is not NO_VALUE]
        return value

    def _call(self, name: str, operand: Any) -> Any:
        try:
            return _FUNCTIONS[name](self, operand)
        except (AttributeError, TypeError, ValueError) as error:
            raise TemplateError(
                f"Template error: {name} can't be called with {operand!r}: {error}"
            ) from error


def _if(scope: Scope, operand: Any) -> Any:
    name, when_true, when_false = operand
    return scope.resolve(when_true if scope.condition(name) else when_false)


def _get_att(scope: Scope, operand: Any) -> Any:
    name, attribute = operand.split(".", 1) if isinstance(operand, str) else operand
    return scope.attribute(name, scope.resolve(attribute))


def _sub(scope: Scope, operand: Any) -> str:
    text, local = operand if isinstance(operand, list) else (operand, {})
    values = {name: scope.resolve(value) for name, value in local.items()}

    def replace(match: re.Match[str]) -> str:
        literal, name = match[1], match[2].strip()
        if literal:
            return f"${{{match[2]}}}"
        if name in values:
            return as_text(values[name])
        if "." in name:
            return as_text(_get_att(scope, name))
        return as_text(scope.ref(name))

    return _VARIABLE.sub(replace, text)


def _join(scope: Scope, operand: Any) -> Any:
    separator, items = operand
    parts = scope.resolve(items)
    if isinstance(parts, Unknown):
        return parts
    return str(separator).join(as_text(part) for part in parts)


def _select(scope: Scope, operand: Any) -> Any:
    index, items = operand
    choices = scope.resolve(items)
    if isinstance(choices, Unknown):
        return choices
    try:
        return choices[int(scope.resolve(index))]
    except IndexError as error:
        raise TemplateError("Template error: Fn::Select cannot select nonexistent value") from error


def _split(scope: Scope, operand: Any) -> Any:
    separator, text = operand
    whole = scope.resolve(text)
    return whole if isinstance(whole, Unknown) else str(whole).split(separator)


def _find_in_map(scope: Scope, operand: Any) -> Any:
    name, first, second = (scope.resolve(part) for part in operand)
    entries = scope.template.get("Mappings", {}).get(name) or {}
    if first == scope.pseudo["AWS::AccountId"] and first not in entries and entries:
        # The real account's number is in the mapping, and it is not the one of this AWS.
        assumptions.note(f"the mapping {name} holds for this account what its first entry says")
        first = next(iter(entries))
    try:
        return entries[first][second]
    except KeyError as error:
        raise TemplateError(
            f"Template error: Unable to get mapping for {name}::{first}::{second}"
        ) from error


def _base64(scope: Scope, operand: Any) -> str:
    return base64.b64encode(str(scope.resolve(operand)).encode()).decode()


def _zones(scope: Scope, operand: Any) -> list[str]:
    region = scope.resolve(operand) or scope.pseudo["AWS::Region"]
    return [f"{region}{zone}" for zone in "abc"]


_FUNCTIONS: dict[str, Callable[[Scope, Any], Any]] = {
    "Fn::If": _if,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::FindInMap": _find_in_map,
    "Fn::Base64": _base64,
    "Fn::GetAZs": _zones,
    "Fn::ImportValue": lambda scope, operand: scope.import_value(scope.resolve(operand)),
    "Fn::ToJsonString": lambda scope, operand: json.dumps(
        scope.resolve(operand), default=str, separators=(",", ":")
    ),
}


def references(value: Any) -> Iterator[str]:
    """Return the names that `value` refers to with Ref, GetAtt or Sub, including parameters."""
    return (name for name, _ in mentions(value))


def mentions(value: Any) -> Iterator[tuple[str, str]]:
    """Return each name that `value` refers to, with the attribute, which is empty for Ref."""
    if isinstance(value, list):
        for item in value:
            yield from mentions(item)
    elif isinstance(value, dict):
        for name, operand in value.items():
            if name == "Ref":
                yield operand, ""
            elif name == "Fn::GetAtt":
                parts = operand.split(".", 1) if isinstance(operand, str) else operand
                yield parts[0], str(parts[1])
            elif name == "Fn::Sub":
                yield from _sub_mentions(operand)
            else:
                yield from mentions(operand)


def _sub_mentions(operand: Any) -> Iterator[tuple[str, str]]:
    text, local = operand if isinstance(operand, list) else (operand, {})
    for match in _VARIABLE.finditer(text):
        name, _, attribute = match[2].strip().partition(".")
        if not match[1] and name not in local:
            yield name, attribute
    yield from mentions(list(local.values()))
