"""Conversion of CloudFormation's properties to an API's parameters, with the API's own model.

The two differ in the case of the first letter, and in scalars, which templates may write as text.
Keys of maps (log options, labels) belong to the user and stay unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.template import as_text

if TYPE_CHECKING:
    from collections.abc import Callable


class ShapeError(Exception):
    """A property of another type than its own; the message is CloudFormation's."""


def to_parameters(value: Any, shape: Any, name: str = "Properties") -> Any:
    """Return `value` in the form of `shape`; omit unknown properties.

    `name` is the property's. Raise ShapeError if its value is not the object or list that it is.
    """
    match shape.type_name:
        case "structure":
            members = {member.lower(): member for member in shape.members}
            return {
                members[key.lower()]: to_parameters(item, shape.members[members[key.lower()]], key)
                for key, item in _checked(value, dict, name).items()
                if key.lower() in members
            }
        case "list":
            return [to_parameters(item, shape.member, name) for item in _checked(value, list, name)]
        case "map":
            items = _checked(value, dict, name).items()
            return {key: to_parameters(item, shape.value, key) for key, item in items}
        case scalar:
            return _SCALARS.get(scalar, _as_it_is)(value)


def _checked(value: Any, kind: type, name: str) -> Any:
    if not isinstance(value, kind):
        expected = "an object" if kind is dict else "of type List"
        raise ShapeError(f"Value of property {name} must be {expected}")
    return value


def _as_it_is(value: Any) -> Any:
    return value


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "boolean": lambda value: str(value).lower() == "true",
    "string": as_text,
}


def call(client: Any, method: str, properties: dict[str, Any]) -> Any:
    """Call `client.method` with `properties` as its parameters."""
    operation = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
    return getattr(client, method)(**to_parameters(properties, operation.input_shape))
