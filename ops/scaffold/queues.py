"""The SQS queues of a workspace's addons, and the services that have their addresses. Pure.

An addon exports a queue's URL; a service reads it by `from_cfn`. The files do not say which service
consumes a queue and which only sends to it.
https://aws.github.io/copilot-cli/docs/developing/addons/environment/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PARAMETERS = {
    "${App}": "${COPILOT_APPLICATION_NAME}",
    "${Env}": "${COPILOT_ENVIRONMENT_NAME}",
}


@dataclass(frozen=True)
class AddonQueue:
    """An addon's queue. `exports` are the names of its exports."""

    name: str
    dead_letters: str | None
    exports: frozenset[str]


class _Loader(yaml.SafeLoader):
    """A YAML loader that keeps `!Ref`, `!Sub` and `!GetAtt` as text."""


def _as_text(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:  # noqa: ANN401 - YAML
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else None


_Loader.add_multi_constructor("!", _as_text)


def queues_of(template: str) -> list[AddonQueue]:
    """Return the queues with a name that an addon's template creates; empty for invalid YAML."""
    try:
        parsed = yaml.load(template, _Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError:
        return []
    if not isinstance(parsed, dict):
        return []
    resources = parsed.get("Resources")
    queues = {
        str(logical): resource.get("Properties") or {}
        for logical, resource in (resources.items() if isinstance(resources, dict) else ())
        if isinstance(resource, dict) and resource.get("Type") == "AWS::SQS::Queue"
    }
    names = {logical: _name(properties) for logical, properties in queues.items()}
    targets = {logical: _dead_letters(properties, names) for logical, properties in queues.items()}
    used = {target for target in targets.values() if target}
    outputs = parsed.get("Outputs")
    return [
        AddonQueue(name, targets[logical], frozenset(_exports(logical, outputs)))
        for logical, name in names.items()
        if name and name not in used
    ]


def consumed_by(manifest: Mapping[str, Any], queues: list[AddonQueue]) -> list[AddonQueue]:
    """Return the queues whose exports a service reads into its variables."""
    variables = manifest.get("variables")
    values = variables.values() if isinstance(variables, dict) else ()
    read = {str(value.get("from_cfn")) for value in values if isinstance(value, dict)}
    return [queue for queue in queues if queue.exports & read]


def _name(properties: Mapping[str, Any]) -> str | None:
    """Return the queue's name as an `ops.yml` has it; None for a name that only AWS knows."""
    written = properties.get("QueueName")
    name = _with_copilots_variables(written) if isinstance(written, str) else ""
    left = re.sub(r"\$\{COPILOT_\w+\}", "", name)
    return name if re.fullmatch(r"[\w.-]+", left) else None


def _dead_letters(properties: Mapping[str, Any], names: Mapping[str, str | None]) -> str | None:
    policy = properties.get("RedrivePolicy")
    target = policy.get("deadLetterTargetArn") if isinstance(policy, dict) else None
    if isinstance(target, dict):
        target = target.get("Fn::GetAtt")
    logical = target[0] if isinstance(target, list) else str(target).partition(".")[0]
    return names.get(str(logical))


def _exports(logical: str, outputs: object) -> Iterator[str]:
    for output in outputs.values() if isinstance(outputs, dict) else ():
        export = output.get("Export") if isinstance(output, dict) else None
        name = export.get("Name") if isinstance(export, dict) else None
        if isinstance(name, str) and re.search(
            rf"\b{re.escape(logical)}\b", str(output.get("Value"))
        ):
            yield _with_copilots_variables(name)


def _with_copilots_variables(text: str) -> str:
    for parameter, variable in _PARAMETERS.items():
        text = text.replace(parameter, variable)
    return text
