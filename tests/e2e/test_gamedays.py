"""Game days as a user plays them: every story of this workspace, and one of another team."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ops.local.gameday.story import stories
from tests.documents import HOW_TO, blocks_of
from tests.e2e.laptop import ROOT, Laptop, ops
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 1700.0
SHORT = """\
title: Spot takes a worker back
environment: prod
speed: 30
serving: {path: /health}
steps:
  - interrupt: {service: worker, count: 1}
  - wait: 1m
  - until: {within: 2h, running: {worker: ">= 2"}}
expect:
  counts: {worker: {at_least: 2, at_most: 20}}
  may_alarm: [""] # any: other tests use this workspace, too
  commands: {the command runs: ["true"]}
"""


def play(laptop: Laptop, name: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Play a story to its end."""
    return subprocess.run(
        ops("local", "gameday", name, "--port", str(laptop.port), *options),
        cwd=laptop.root, capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip


@pytest.fixture
def short(production: Laptop) -> Iterator[str]:
    """Yield the name of a short story of the workspace that runs."""
    path = production.root / "copilot" / "gameday" / "short.yml"
    path.write_text(SHORT)
    yield path.stem
    path.unlink()


def test_a_short_story_passes_on_what_runs(production: Laptop, short: str, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    done = play(production, short, "--report", str(report))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "spot       amply-worker an interrupted task ends within 120 s" in done.stdout
    assert "✔ /health answers all the time" in done.stdout
    assert "Verdict: passed" in report.read_text()
    clock = subprocess.run(
        ops("local", "clock"), cwd=production.root, capture_output=True, text=True, check=True
    ).stdout
    assert ", 1 times as fast as real time" in clock  # as before
    path = production.root / "copilot" / "gameday" / f"{short}.yml"
    path.write_text(SHORT.replace('"true"', '"false"'))
    wrong = play(production, short)
    assert wrong.returncode == 1
    assert "✗ the command runs: `false` ended with code 1" in wrong.stdout


@pytest.mark.gamedays
@pytest.mark.timeout(PATIENCE)
@pytest.mark.parametrize("name", stories(ROOT))
def test_every_story_passes(laptop: Laptop, name: str) -> None:
    done = play(laptop, name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert laptop.left_behind() == []


@pytest.mark.stories
@pytest.mark.timeout(400)
def test_another_team_plays_the_story_of_the_how_to(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    shutil.copytree(Path(__file__).parent / "workspaces" / "shop", root)
    (block,) = (each for each in blocks_of(HOW_TO / "game-days.md") if each.path)
    path = root / str(block.path)
    path.parent.mkdir()
    path.write_text(block.text)
    done = play(Laptop(root, free_port()), path.stem)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "✔ web ends with 1: 1" in done.stdout
