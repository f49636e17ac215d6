"""The how-to page on checks: write its files and run its commands, in order."""

from pathlib import Path

import pytest

from tests.documents import HOW_TO, blocks_of, missing
from tests.ops.check.conftest import CLEAN, write
from tests.ops.conftest import Ops


def test_the_page_does_what_it_says(
    ops: Ops, aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, CLEAN)
    monkeypatch.chdir(tmp_path)
    ran = 0
    for block in blocks_of(HOW_TO / "check-before-a-deploy.md"):
        if block.kind == "dockerfile":
            write(tmp_path, {"Dockerfile": block.text})
        elif block.path:
            write(tmp_path, {block.path: block.text})
        for command, shown in block.commands:
            run = ops(*command.split()[1:])
            assert "this is a bug" not in run.err
            assert not missing(shown, run.out), f"$ {command}\n{run.out}"
            ran += 1
    assert ran == 4
