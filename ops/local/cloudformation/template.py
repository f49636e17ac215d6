"""A parser of CloudFormation templates, YAML or JSON, with the short forms of functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

Template = dict[str, Any]


class TemplateError(Exception):
    """An error in a template; the message is CloudFormation's own if known."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML with `!Ref` and similar tags. Dates stay text, such as `Version: 2012-10-17`."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the name is PyYAML's
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith("timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _short_form(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    match node:
        case yaml.SequenceNode():
            value: Any = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
        case _:
            value = loader.construct_scalar(cast("yaml.ScalarNode", node))
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _short_form)


def parse(body: str) -> Template:
    """Return the template as nested dictionaries, with functions in their long form.

    Raise TemplateError if it is neither YAML nor JSON, or not a mapping with resources.
    """
    try:
        template = json.loads(body) if body.lstrip().startswith("{") else yaml.load(body, _Loader)  # noqa: S506
    except (yaml.YAMLError, json.JSONDecodeError) as error:
        raise TemplateError(f"Template format error: {error}") from error
    resources = template.get("Resources") if isinstance(template, dict) else None
    if not isinstance(resources, dict) or not resources:
        raise TemplateError("Template format error: At least one Resources member must be defined.")
    for name, declared in resources.items():
        if not isinstance(declared, dict) or not isinstance(declared.get("Type"), str):
            raise TemplateError(
                f"Template format error: [/Resources/{name}] Every Resources object must contain "
                "a Type member."
            )
    return cast("Template", template)


def parameter_values(template: Template, given: dict[str, str]) -> dict[str, str]:
    """Return every parameter's text: the given one, or its default.

    Raise TemplateError if a parameter has neither, or a given one is not the template's.
    """
    declared = template.get("Parameters") or {}
    unknown = [name for name in given if name not in declared]
    if unknown:
        raise TemplateError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    missing = [
        n for n, parameter in declared.items() if n not in given and "Default" not in parameter
    ]
    if missing:
        raise TemplateError(f"Parameters: [{', '.join(missing)}] must have values")
    return {
        name: as_text(given[name] if name in given else parameter["Default"])
        for name, parameter in declared.items()
    }


def check_types(template: Template, types: Mapping[str, str]) -> None:
    """Raise TemplateError, in CloudFormation's words, if a resource that exists changes its type.

    :param types: those of the stack's resources, by logical ID
    """
    declared = template["Resources"]
    changed = [
        name
        for name, type_name in types.items()
        if declared.get(name, {}).get("Type", type_name) != type_name
    ]
    if changed:
        raise TemplateError(
            "Update of resource type is not permitted. The new template modifies resource type of "
            f"the following resources: [{', '.join(changed)}]"
        )


def as_text(scalar: Any) -> str:
    """Return a scalar in CloudFormation's form: everything is text, and `true` is lower case."""
    return str(scalar).lower() if isinstance(scalar, bool) else str(scalar)
