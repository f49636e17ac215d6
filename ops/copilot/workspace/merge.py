"""The `environments:` override, as Copilot applies it to a manifest.

Mappings merge key by key; lists and scalars are replaced; an override of null has no effect. If two
fields exclude each other, an override of one removes the other. Source: aws/copilot-cli,
internal/pkg/manifest/applyenv.go and transform.go (mergo with override and a transformer for each
composite type).
"""

import re
from collections.abc import Iterator

import yaml

from ops.copilot.workspace.document import Document

_NULL = "tag:yaml.org,2002:null"

_METRICS = {"cpu_percentage", "memory_percentage", "requests", "response_time", "queue_delay"}
_ENTRY = r"((sidecars\.[^.]+|logging)\.)?(secrets|secretOptions)\.[^.]+"
_VOLUME = r"storage\.volumes\.[^.]+\.efs"

# A path, the field that is set there, and the fields it removes: transform.go.
_EXCLUDING = (
    (r"count", {"spot"}, {"range", "cooldown", *_METRICS}),
    (r"count", {"range", *_METRICS}, {"spot"}),
    (r"image", {"build"}, {"location"}),
    (r"image", {"location"}, {"build"}),
    (_ENTRY, {"secretsmanager"}, {"from_cfn"}),
    (_ENTRY, {"from_cfn"}, {"secretsmanager"}),
    (_VOLUME, {"uid", "gid"}, {"id", "root_dir", "auth"}),
    (_VOLUME, {"id", "root_dir", "auth"}, {"uid", "gid"}),
)


def merge(base: yaml.Node, override: yaml.Node, at: tuple[str, ...] = ()) -> yaml.Node:
    """Return `base` with `override` applied; neither is changed. `at` is the path in a manifest."""
    if override.tag == _NULL:
        return base
    if not (isinstance(base, yaml.MappingNode) and isinstance(override, yaml.MappingNode)):
        return override
    excluded = set(_excluded(override, ".".join(at)))
    merged = {key.value: (key, value) for key, value in base.value if key.value not in excluded}
    for key, value in override.value:
        if key.value in merged:
            below = (*at, str(key.value))
            merged[key.value] = (key, merge(merged[key.value][1], value, below))
        elif value.tag != _NULL:
            merged[key.value] = (key, value)
    return yaml.MappingNode(base.tag, list(merged.values()), base.start_mark, base.end_mark)


def _excluded(override: yaml.MappingNode, at: str) -> Iterator[str]:
    """Return the fields that an override removes because they exclude its own."""
    fields = {
        key.value for key, value in override.value if value.tag != _NULL and value.value != []
    }
    for place, one, other in _EXCLUDING:
        if fields & one and re.fullmatch(place, at):
            yield from other


def for_environment(document: Document, environment: str | None) -> Document:
    """Return the document with one environment's overrides applied and without the `environments`
    block.
    """
    base = document.without("environments")
    override = document.child("environments", environment) if environment else None
    if override is None:
        return base
    merged = merge(base.root, override)
    if not isinstance(merged, yaml.MappingNode):
        return base  # an override that is no mapping is a problem that the reader reports
    return Document(document.path, merged)
