"""The list of gaps in `ops/local/gaps/__init__.py` names every file that closes one."""

from __future__ import annotations

import ast
from pathlib import Path

from ops.local import gaps

FOLDER = Path(gaps.__file__).parent


def closes_a_gap(path: Path) -> bool:
    body = ast.parse(path.read_text()).body
    return any(isinstance(node, ast.FunctionDef) and node.name == "close" for node in body)


def test_every_gap_is_closed_once() -> None:
    listed = [*gaps.SIMULATIONS, *gaps.ANSWERS, *gaps.REFUSALS, gaps.cloudtrail_event_history]
    files = [str(gap.__file__) for gap in listed]
    assert len(set(files)) == len(files)
    paths = (path for path in FOLDER.rglob("*.py") if path.name != "__init__.py")
    assert set(files) == {str(path) for path in paths if closes_a_gap(path)}
