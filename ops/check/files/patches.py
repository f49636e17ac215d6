"""The overrides of a workload or of the environments: YAML patches, or a CDK program. Pure values.

https://aws.github.io/copilot-cli/docs/developing/overrides/yamlpatch/
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ops.check.files.reading import read_text
from ops.check.subject.model import Subject
from ops.check.subject.plain import dig, mapping
from ops.copilot.workspace.plain import plain

ENVIRONMENTS = "environments"  # the folder whose overrides all environments share
_REMOVED = "(removed)"


@dataclass(frozen=True)
class Operation:
    """One operation of a file of patches. `line` is the line of its value, counted from 1."""

    op: str
    path: str
    value: Any
    line: int


@dataclass(frozen=True)
class Overrides:
    """The changes of a rendered template. `program` is a CDK override's text, if any."""

    path: Path  # of `cfn.patches.yml`, from the workspace's root; it may not exist
    operations: tuple[Operation, ...]
    program: str | None

    def setting(self, path: str) -> Operation | None:
        """Return the last operation that sets or removes the value at a path of the template."""
        last = None
        for operation in self.operations:
            if path == operation.path or path.startswith(f"{operation.path}/"):
                rest = (
                    path[len(operation.path) :].strip("/").split("/")
                    if path != operation.path
                    else []
                )
                value = _REMOVED if operation.op == "remove" else dig(operation.value, *rest)
                last = Operation(operation.op, path, value, operation.line)
        return last

    def resources(self) -> Iterator[tuple[str, Operation]]:
        """Yield the operations on properties of resources, each with the resource's name."""
        for operation in self.operations:
            parts = operation.path.strip("/").split("/")
            if parts[0] == "Resources" and len(parts) > 1:
                yield parts[1], operation


def overrides_of(subject: Subject, name: str) -> Overrides:
    """Return the overrides of a workload, or of the environments; empty if they cannot be read."""
    folder = Path("copilot") / name / "overrides"
    path = folder / "cfn.patches.yml"
    text = read_text(subject.root / path)
    program = None
    if text is None and (subject.root / folder / "cdk.json").is_file():
        program = subject.overrides.get(name, "")
    return Overrides(path, tuple(_operations(text or "")), program)


def _operations(text: str) -> Iterator[Operation]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return
    for node in root.value if isinstance(root, yaml.SequenceNode) else ():
        fields = mapping(plain(node))
        if isinstance(node, yaml.MappingNode) and isinstance(fields.get("path"), str):
            line = next((v.start_mark.line for k, v in node.value if k.value == "value"), None)
            at = node.start_mark.line if line is None else line
            yield Operation(str(fields.get("op")), fields["path"], fields.get("value"), at + 1)
