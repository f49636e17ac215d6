"""Conversion of YAML nodes to plain values, whatever tags they have."""

from typing import Any

import yaml

_TRUE = {"true", "True", "TRUE"}


def plain(node: yaml.Node) -> Any:  # noqa: ANN401  # whatever stands in the file
    """Return a node as dicts, lists and scalars. Never raises.

    CloudFormation's short tags become their long form: `!Ref Queue` is {"Ref": "Queue"}.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
    """
    value: Any
    if isinstance(node, yaml.MappingNode):
        value = {str(key.value): plain(child) for key, child in node.value}
    elif isinstance(node, yaml.SequenceNode):
        value = [plain(item) for item in node.value]
    else:
        value = _scalar(node)
    tag = str(node.tag)
    if tag.startswith("!") and len(tag) > 1:
        name = tag[1:]
        return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}
    return value


def _scalar(node: yaml.Node) -> Any:  # noqa: ANN401
    text = str(node.value)
    kind = str(node.tag).rpartition(":")[2]
    try:
        match kind:
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                return text in _TRUE
            case "null":
                return None
    except ValueError:  # `!!int words`, or more digits than Python reads
        return text
    return text
