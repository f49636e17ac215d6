"""A manifest in one spelling, so that rules need not know the others. Pure.

Copilot's interpolation writes what is nothing in `{}` or `[]` as empty text; in block style it
stays null: aws/copilot-cli, internal/pkg/manifest/interpolate.go. Where Copilot expects true or
false, it also takes `yes`, `on` and the like: gopkg.in/yaml.v3, decode.go.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import yaml

from ops.check.manifest.grammar import Fields, Grammar, Items, Word, table, walk
from ops.copilot.workspace.document import Document

_STANDARD = "tag:yaml.org,2002:"
_TEXT, _NULL, _BOOLEAN = f"{_STANDARD}str", f"{_STANDARD}null", f"{_STANDARD}bool"
_WORDS = {
    **dict.fromkeys(("y", "Y", "yes", "on"), "true"),
    **dict.fromkeys(("n", "N", "no", "off"), "false"),
}


def workload_in_normal_form(document: Document) -> Document:
    """Return a workload's manifest with blanks as text, and booleans as `true` or `false`."""
    types = [str(value.value) for key, value in document.root.value if key.value == "type"]
    return _rewritten(document, table().with_overrides.get(types[-1]) if types else None)


def environment_in_normal_form(document: Document) -> Document:
    """Return an environment's manifest with blanks as text, and booleans as `true` or `false`."""
    return _rewritten(document, table().environment)


def _rewritten(document: Document, grammar: Grammar | None) -> Document:
    places = walk(document.root, grammar) if grammar is not None else ()
    booleans = {
        id(node): _WORDS[str(node.value)]
        for _, node, expected in places
        if node.tag == _TEXT and node.value in _WORDS and _is_boolean(expected)
    }
    return replace(document, root=_Writer(booleans).mapping(document.root))


def _is_boolean(grammar: Grammar) -> bool:
    if isinstance(grammar, Fields | Items):
        return grammar.instead is not None and _is_boolean(grammar.instead)
    return isinstance(grammar, Word) and grammar.name == "bool"


@dataclass(frozen=True)
class _Writer:
    """A copy of nodes. `booleans` are the values to write, by the identity of their nodes."""

    booleans: Mapping[int, str]

    def mapping(self, node: yaml.MappingNode) -> yaml.MappingNode:
        flow = bool(node.flow_style)
        pairs = [(key, self._node(value, in_flow=flow)) for key, value in node.value]
        return yaml.MappingNode(
            node.tag, pairs, node.start_mark, node.end_mark, flow_style=node.flow_style
        )

    def _node(self, node: yaml.Node, *, in_flow: bool) -> yaml.Node:
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node)
        if isinstance(node, yaml.SequenceNode):
            items = [self._node(item, in_flow=bool(node.flow_style)) for item in node.value]
            return yaml.SequenceNode(
                node.tag, items, node.start_mark, node.end_mark, flow_style=node.flow_style
            )
        if (written := self.booleans.get(id(node))) is not None:
            return yaml.ScalarNode(_BOOLEAN, written, node.start_mark, node.end_mark)
        if in_flow and node.tag == _NULL and not node.value:
            return yaml.ScalarNode(_TEXT, "", node.start_mark, node.end_mark, "'")
        return node
