"""The `environments:` override, as Copilot applies it to a manifest.

Mappings merge key by key; lists and scalars are replaced; an override of null says nothing.
Source: aws/copilot-cli, internal/pkg/manifest/applyenv.go (mergo with override and a
transformer for each composite type).
"""

import yaml

from ops.workspace.document import Document

_NULL = "tag:yaml.org,2002:null"


def merge(base: yaml.Node, override: yaml.Node) -> yaml.Node:
    """`base` with `override` laid over it; neither is changed."""
    if override.tag == _NULL:
        return base
    if not (isinstance(base, yaml.MappingNode) and isinstance(override, yaml.MappingNode)):
        return override
    merged = {key.value: (key, value) for key, value in base.value}
    for key, value in override.value:
        if key.value in merged:
            merged[key.value] = (key, merge(merged[key.value][1], value))
        else:
            merged[key.value] = (key, value)
    return yaml.MappingNode(base.tag, list(merged.values()), base.start_mark, base.end_mark)


def for_environment(document: Document, environment: str | None) -> Document:
    """The document with one environment's overrides applied and the `environments` block gone."""
    base = document.without("environments")
    override = document.child("environments", environment) if environment else None
    if override is None:
        return base
    merged = merge(base.root, override)
    if not isinstance(merged, yaml.MappingNode):
        return base  # an override that is no mapping is a problem that the reader reports
    return Document(document.path, merged)
