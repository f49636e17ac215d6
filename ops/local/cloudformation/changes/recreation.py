"""The properties of a resource type that cannot change without a new resource.

Source: `createOnlyProperties` and `conditionalCreateOnlyProperties` of AWS's resource schemas,
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html, in the
copy that cfn-lint carries, which moto's CloudFormation requires. They are read without importing
cfn-lint, which takes more than a second.
"""

from __future__ import annotations

import functools
import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_REGION = "us-east-1"  # which has every type
_CUSTOM = "AWS::CloudFormation::CustomResource"


def requires_recreation(type_name: str, name: str) -> str:
    """Return whether a change of a property replaces its resource: Never, Conditionally, Always.

    A type or a schema that cfn-lint does not have answers Conditionally.
    """
    schema = _schema(_CUSTOM if type_name.startswith("Custom::") else type_name)
    if schema is None:
        return "Conditionally"
    always = schema.get("createOnlyProperties") or ()
    if f"/properties/{name}" in always:
        return "Always"
    sometimes = schema.get("conditionalCreateOnlyProperties") or ()
    return "Conditionally" if _has(name, (*always, *sometimes)) else "Never"


def _has(name: str, paths: Iterable[str]) -> bool:
    """Return whether a property, or a part of it, is among paths like `/properties/A/B`."""
    return any(path.split("/")[2] == name for path in paths)


@functools.cache
def _schema(type_name: str) -> dict[str, Any] | None:
    try:
        file = _schemas() / "resources" / f"{_files()[type_name]}.json"
        schema: dict[str, Any] = json.loads(file.read_bytes())
    except (KeyError, OSError):
        return None
    return schema


@functools.cache
def _files() -> dict[str, str]:
    files: dict[str, str] = json.loads((_schemas() / "providers" / f"{_REGION}.json").read_bytes())
    return files


def _schemas() -> Path:
    spec = find_spec("cfnlint")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("cfn-lint is not installed")
    return Path(spec.origin).parent / "data" / "schemas"
