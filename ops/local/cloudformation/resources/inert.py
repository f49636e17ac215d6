"""Resources that exist on record only: nothing serves them, and each is noted as an assumption.

So a template can be deployed although the embedded AWS does not implement its types, as in addons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.local import assumptions
from ops.local.cloudformation.resources.base import Context, Made, Properties, ResourceType

if TYPE_CHECKING:
    from ops.local.cloudformation.stack import Resource

_NAME_PROPERTIES = ("Name", "{kind}Name", "{kind}Identifier", "{kind}Id")


class Inert(ResourceType):
    """A type without an implementation. Its attributes are placeholders."""

    def __init__(self, name: str, why: str = "is created but not served") -> None:
        self._name = name
        self._why = why

    def create(self, context: Context, properties: Properties) -> Made:
        """Record the properties, under their name or a generated one."""
        assumptions.note(f"{self._name} `{context.logical_id}` {self._why}")
        kind = self._name.rpartition("::")[2]
        names = (properties.get(pattern.format(kind=kind)) for pattern in _NAME_PROPERTIES)
        own = next((name for name in names if isinstance(name, str) and name), None)
        name = own or context.generated_name("AWS::Record")
        return Made(name, placeholders(self._name, name, context))

    def update(self, context: Context, resource: Resource, properties: Properties) -> Made:
        """Record the new properties under the same name."""
        return Made(resource.physical_resource_id, resource.attributes)

    def attribute(self, resource: Resource, name: str) -> Any:
        """Return a placeholder that has the form of the attribute."""
        known: dict[str, Any] = resource.attributes
        own = resource.properties.get(name)
        return own if isinstance(own, str | int) else known.get(name) or placeholder(name, known)


def placeholders(type_name: str, name: str, context: Context) -> dict[str, Any]:
    """Return the values of which the attributes of an inert resource are made."""
    service = type_name.split("::")[1].lower()
    world = context.world
    place = "" if service == "s3" else f"{world.region}:{world.account}"
    arn = f"arn:aws:{service}:{place or ':'}:{name}"
    return {"Arn": arn, "Ref": name, "Host": f"{name.lower()}.{service}.{world.region}.local"}


def is_placeholder(value: object, context: Context) -> bool:
    """Return whether a value contains the placeholder of an inert resource in any stack."""
    names = (
        str(resource.attributes.get("Ref") or "")
        for stack in context.world.stacks()
        for resource in list(stack.resources.values())
        if resource.handle is None and "Host" in resource.attributes
    )
    return any(name and name in str(value) for name in names)


def placeholder(name: str, known: dict[str, Any]) -> str:
    """Return a value in the form that an attribute of this name has on AWS."""
    last = name.rpartition(".")[2]
    if last.lower().endswith("arn"):
        return str(known["Arn"])
    if last == "Port":
        return "0"
    if last.endswith(("Address", "Url", "URL", "Endpoint", "DomainName", "DNSName")):
        return str(known["Host"])
    return str(known["Ref"])
