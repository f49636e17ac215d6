"""What `ops local up` says about errors that only AWS or Docker would report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ops.commands.local import findings
from ops.copilot.workspace import load_workspace

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = """\
name: {name}
type: Backend Service
image: {{build: {name}/Dockerfile}}
environments:
  prod: {{count: 2}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for number in range(7):
        folder = tmp_path / "copilot" / f"job{number}"
        folder.mkdir(parents=True)
        (folder / "manifest.yml").write_text(MANIFEST.format(name=folder.name))
    return tmp_path


def test_a_missing_dockerfile_is_listed_though_nothing_is_built(root: Path) -> None:
    title, *places, rest = findings.lines(load_workspace(root, "shop"), "prod")
    assert title.startswith("`ops check` finds 7 errors")
    assert places[0] == (
        "  copilot/job0/manifest.yml:3: job0/Dockerfile does not exist (dockerfile-missing)"
    )
    assert len(places) == 5
    assert rest == "  and 2 more"


def test_without_errors_nothing_is_listed(root: Path) -> None:
    for number in range(7):
        (root / f"job{number}").mkdir()
        (root / f"job{number}" / "Dockerfile").write_text('FROM scratch\nCMD ["/serve"]\n')
    assert list(findings.lines(load_workspace(root, "shop"), "prod")) == []
