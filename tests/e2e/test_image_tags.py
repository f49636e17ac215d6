"""A release rehearsed on a laptop: images of v1 and v2 run different code."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.laptop import PATIENCE, READY, ROOT, Laptop, read_until_ready

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")


def tag(root: Path, name: str) -> None:
    """Commit the workspace and its source under a tag, which its API returns at `/release`."""
    text = (ROOT / "src/amply/main.py").read_text()
    route = f'app.add_api_route("/release", lambda: "{name}")'
    (root / "src/amply/main.py").write_text(f"{text}\n{route}\n")
    for arguments in (("add", "copilot", "src"), ("commit", "-qm", name), ("tag", name)):
        subprocess.run(["git", "-C", str(root), *SETTINGS, *arguments], check=True)


@pytest.mark.stories
def test_a_deploy_with_another_tag_runs_the_code_of_that_tag(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    shutil.copytree(ROOT / "src", laptop.root / "src")
    subprocess.run(["git", "init", "-q", str(laptop.root)], check=True)
    for name in ("v1", "v2", "v3"):
        tag(laptop.root, name)
    process = laptop.up("staging", IMAGE_TAG="v1")
    printed = read_until_ready(process)
    assert READY in printed, printed
    assert "amply-backend:v1 runs commit" in printed

    assert laptop.ask("/release") == (200, "v1")
    laptop.run("ops", "local", "clock", "--speed", "60")  # a deployment bakes
    monkeypatch.setenv("IMAGE_TAG", "v2")
    laptop.run("copilot", "svc", "deploy", "-n", "api", "-e", "staging")
    assert laptop.ask("/release") == (200, "v2")
    monkeypatch.delenv("IMAGE_TAG")
    laptop.run("copilot", "svc", "deploy", "-n", "api", "-e", "staging")
    assert laptop.ask("/release") == (200, "v1")  # what `ops local up` was given
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert laptop.left_behind() == []
