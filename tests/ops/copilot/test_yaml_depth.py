"""The depth of YAML files that libyaml may read."""

from pathlib import Path

import pytest
import yaml

from ops.copilot.workspace import document

ROOT = Path(__file__).parents[3]
ODD = [
    "a: &x {b: on, c: 22:00, d: ~}\ne: {<<: *x, f: [1, 2.5, 0x1f, '1']}\ng: |\n  text\n",
    "- - - a\n    - !!str 1\n- ? b\n  : !Sub c\n",
]


def _tree(node: yaml.Node | None) -> object:
    assert node is not None
    below = node.value
    if isinstance(node, yaml.MappingNode):
        below = [(_tree(key), _tree(value)) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        below = [_tree(item) for item in node.value]
    return node.tag, node.start_mark.line, node.start_mark.column, below


@pytest.mark.parametrize(
    "text", [*(path.read_text() for path in sorted(ROOT.glob("copilot/**/*.yml"))), *ODD]
)
def test_either_way_comes_to_the_same(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = document._loader_of(text.encode())
    assert isinstance(quick, document._Shallow)
    monkeypatch.setattr(document, "_DEEPEST_IN_C", 0)
    thorough = document._loader_of(text.encode())
    assert not isinstance(thorough, document._Shallow)
    assert _tree(document._next(quick)) == _tree(document._next(thorough))


@pytest.mark.parametrize(
    "text", ["[" * 3_000 + "]" * 3_000, "{a: " * 3_000 + "}" * 3_000, "- " * 3_000, "? " * 3_000]
)
def test_what_may_nest_deep_is_not_composed_in_c(text: str) -> None:
    assert not isinstance(document._loader_of(text.encode()), document._Shallow)


def test_a_block_that_nests_by_its_columns_alone_is_seen() -> None:
    text = "\n".join(f"{' ' * depth}a:" for depth in range(1_500))
    assert not isinstance(document._loader_of(text.encode()), document._Shallow)
