"""The how-to page: its files are written and its commands run, in order."""

import re
from pathlib import Path

import pytest

from tests.ops.check.conftest import CLEAN, write
from tests.ops.conftest import Ops

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "check-before-a-deploy.md"
BLOCK = re.compile(r"^```(console|yaml|dockerfile)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"# (copilot/\S+)\n")


def test_the_page_does_what_it_says(
    ops: Ops, aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, CLEAN)
    monkeypatch.chdir(tmp_path)
    ran = 0
    for kind, text in BLOCK.findall(PAGE.read_text()):
        named = NAMED.match(text)
        if kind == "dockerfile":
            write(tmp_path, {"Dockerfile": text})
        elif named:
            write(tmp_path, {named[1]: text})
        elif kind == "console":
            command, _, shown = text.removeprefix("$ ").partition("\n")
            run = ops(*command.split()[1:])
            assert "this is a bug" not in run.err
            for line in shown.splitlines():
                assert line.strip() in run.out, f"$ {command}\n{run.out}"
            ran += 1
    assert ran == 3
