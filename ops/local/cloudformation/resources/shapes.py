"""Conversion of CloudFormation's properties to an API's parameters, with the API's own model.

The two differ in the case of the first letter, and in scalars, which templates may write as text.
Keys of maps (log options, labels) belong to the user and stay unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.template import as_text

if TYPE_CHECKING:
    from collections.abc import Callable


def to_parameters(value: Any, shape: Any) -> Any:
    """Return `value` in the form of `shape`; omit unknown properties."""
    match shape.type_name:
        case "structure":
            members = {name.lower(): name for name in shape.members}
            return {
                members[key.lower()]: to_parameters(item, shape.members[members[key.lower()]])
                for key, item in value.items()
                if key.lower() in members
            }
        case "list":
            return [to_parameters(item, shape.member) for item in value]
        case "map":
            return {key: to_parameters(item, shape.value) for key, item in value.items()}
        case scalar:
            return _SCALARS.get(scalar, _as_it_is)(value)


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
