"""The place in a manifest that a message of the Copilot CLI is about. Pure.

The CLI names fields and containers in its own words: `validate "sidecars[side]": validate
"mount_points[0]": "path" must be specified`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.check.subject.plain import Location

# A name in quotes; or without them, where the CLI writes none.
_NAMES = re.compile(
    r"[\"'`]([^\"'`]+)[\"'`]|containers? (?:named )?([\w-]+)|marshal (\w+) field"
    r"|validate (\w+\[\d+\]):|validate (\w+) (?:container )?dependencies|containers: \[(\w+)"
    r"|environment file (\S+) must"
)
_STEPS = re.compile(r"[^.\[\]]+")

# The field of a message that names none.
_HINTS = {
    r"schedule": ("on", "schedule"),
    r"number of retries": ("retries",),
    r"timeout must": ("timeout",),
    r"Windows|amd64": ("platform",),
    r"image repository type": ("image", "location"),
    r"task definition overrides: (?!unmarshal)": ("taskdef_overrides",),
    r"into int or composite-style map": ("count",),
    r"\"secret\" field": ("secrets",),
    r"security group ingress": ("http", "public"),
    r"internal ALB": ("http", "private", "subnets"),
    r"uid/gid": ("storage", "volumes"),
}
_HINTED = {re.compile(pattern): at for pattern, at in _HINTS.items()}


def place_of(text: str, root: yaml.Node) -> Location:
    """Return the deepest field that a message names; () if it names no field of the file."""
    for pattern, hint in _HINTED.items():
        if pattern.search(text) and _follow(root, hint):
            return hint
    at: Location = ()
    node = root
    for name in _names(text, root):
        steps = tuple(_STEPS.findall(name))
        if match := _follow(node, steps) or (None if at else _search(root, name, steps[-1])):
            below, node = match
            at = (*at, *below)
    return at


def _names(text: str, root: yaml.Node) -> Iterator[str]:
    """Yield the names in a message. A workload's name is that of its main container."""
    workload = _child(root, "name")
    for match in _NAMES.finditer(text):
        name = next(filter(None, match.groups()))
        is_main = workload is not None and workload[1].value == name
        yield "image" if is_main else name


def _follow(node: yaml.Node, steps: tuple[str, ...]) -> tuple[Location, yaml.Node] | None:
    """Return the path and the node at the end of all steps; None if a step does not exist."""
    at: Location = ()
    for step in steps:
        child = _child(node, step)
        if child is None:
            return None
        key, node = child
        at = (*at, key)
    return (at, node) if at else None


def _child(node: yaml.Node, step: str) -> tuple[int | str, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((step, value) for key, value in node.value if str(key.value) == step), None)
    if isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
        return int(step), node.value[int(step)]
    return None


def _search(root: yaml.Node, *names: str) -> tuple[Location, yaml.Node] | None:
    """Return the first place with a key of one of these names, or else with such a value."""
    places = list(_below(root))
    by_key = (place for place in places if place[0][-1] in names)
    scalars = (place for place in places if isinstance(place[1], yaml.ScalarNode))
    by_value = (place for place in scalars if place[1].value in names)
    return next(by_key, None) or next(by_value, None)


def _below(root: yaml.Node) -> Iterator[tuple[Location, yaml.Node]]:
    """Yield every node below the root with its place, level by level."""
    level: list[tuple[Location, yaml.Node]] = [((), root)]
    while level:
        level = [below for place, node in level for below in _children(node, place)]
        yield from level


def _children(node: yaml.Node, at: Location) -> Iterator[tuple[Location, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from (((*at, str(key.value)), value) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from (((*at, index), value) for index, value in enumerate(node.value))
