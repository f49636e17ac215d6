"""The templates that Copilot renders, with functions resolved: tests name a value by its path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.local.cloudformation.intrinsics import Scope
from ops.local.cloudformation.template import parameter_values, parse

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "123456789012"
REGION = "eu-central-1"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
IMAGE_TAG = "v1.2.3"
IMAGE = f"{REGISTRY}/amply-backend:{IMAGE_TAG}"
SECRETS = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:amply"
MAIL_FROM = "donations@amply.example"
RETURN_URL = "https://www.amply.example/thanks"

ENVIRONMENTS = ("prod", "staging")
SERVICES = ("api", "worker", "beat")

DEPLOYMENT = "Service/DeploymentConfiguration"
"""Where a service's template says how it is deployed."""

ABSENT = "(absent)"
"""What a path gives that leads nowhere: the template leaves the value out."""


@dataclass(frozen=True)
class Stack:
    """A rendered template with its parameters filled in.

    `resources` has the properties of each resource whose condition is true. Values that only a
    deployment knows are readable: `Ref: X` is "X", `GetAtt: X.Arn` is "X.Arn", `ImportValue:
    name` is "import name".
    """

    resources: Mapping[str, object]
    types: Mapping[str, str]
    exports: Mapping[str, object]
    outputs: Mapping[str, object]

    def value(self, path: str) -> object:
        """Return the value at `Resource/Property/...`, or ABSENT.

        In a list a step is an index, or the Name or Key of an item, and stands for its Value or
        ValueFrom.
        """
        at: object = self.resources
        for step in path.split("/"):
            at = _step(at, step)
        return at

    def items(self, path: str) -> list[dict[str, Any]]:
        """The list of mappings at a path."""
        found = self.value(path)
        assert isinstance(found, list), f"{path} is {found}"
        return found

    def of_type(self, wanted: str) -> list[str]:
        """Return the logical IDs of the resources of a type."""
        return [name for name, kind in self.types.items() if kind == wanted]


def read(template: Path, parameters: Mapping[str, str]) -> Stack:
    """Return the stack that CloudFormation would create from a rendered template."""
    document = parse(template.read_text())
    scope = Scope(
        template=document,
        parameters=parameter_values(document, dict(parameters)),
        pseudo={
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::Region": REGION,
            "AWS::StackName": template.name.partition(".")[0],
            "AWS::URLSuffix": "amazonaws.com",
        },
        reference=str,
        attribute=lambda name, attribute: f"{name}.{attribute}",
        import_value=lambda name: f"import {name}",
    )
    active = {n: d for n, d in document["Resources"].items() if scope.active(d)}
    outputs = [o for o in (document.get("Outputs") or {}).items() if scope.active(o[1])]
    return Stack(
        resources={n: as_text(scope.resolve(d.get("Properties", {}))) for n, d in active.items()},
        types={name: declared["Type"] for name, declared in active.items()},
        exports={
            scope.resolve(declared["Export"]["Name"]): scope.resolve(declared["Value"])
            for _, declared in outputs
            if "Export" in declared
        },
        outputs={name: scope.resolve(declared["Value"]) for name, declared in outputs},
    )


def package_parameters(file: Path) -> dict[str, str]:
    """Return the parameters that `copilot … package` wrote with a template."""
    parameters: dict[str, str] = json.loads(file.read_text())["Parameters"]
    return parameters


def as_text(value: object) -> object:
    """Return `value` as CloudFormation compares it: 512 and "512" are equal."""
    if isinstance(value, Mapping):
        return {key: as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_text(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _step(at: object, step: str) -> object:
    if isinstance(at, Mapping):
        return at.get(step, ABSENT)
    if not isinstance(at, list):
        return ABSENT
    if step.isdigit():
        return at[int(step)] if int(step) < len(at) else ABSENT
    for item in at:
        if step in (item.get("Name"), item.get("Key")):
            return item.get("Value", item.get("ValueFrom", item))
    return ABSENT
