"""The `docker` that Copilot calls: it builds nothing and records what is pushed."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from ops.local.run.processes import docker

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/web"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    return docker.install(tmp_path / "bin")


def run(programs: Path, *arguments: str) -> str:
    done = subprocess.run(
        [programs / "docker", *arguments], check=True, capture_output=True, text=True, timeout=30
    )
    return done.stdout


def test_a_pushed_image_is_one_that_docker_would_have_built(programs: Path) -> None:
    run(programs, "login", "-u", "AWS", "--password-stdin", IMAGE)
    run(programs, "build", "-t", f"{IMAGE}:latest", "shop", "-f", "shop/Dockerfile")
    assert not docker.is_built(programs, f"{IMAGE}:latest")
    run(programs, "push", f"{IMAGE}:latest", "--quiet")
    format_ = "'{{json (index .RepoDigests 0)}}'"
    digest = json.loads(run(programs, "inspect", "--format", format_, f"{IMAGE}:latest"))
    assert digest.startswith(f"{IMAGE}@sha256:")
    assert docker.is_built(programs, digest)
    assert not docker.is_built(programs, digest[:-1])


def test_the_engine_runs_and_is_of_linux(programs: Path) -> None:
    answer = json.loads(run(programs, "version", "-f", "'{{json .Server}}'"))
    assert answer["Os"] == "linux"
    assert json.loads(run(programs, "info", "-f", "'{{json .}}'"))["ServerErrors"] == []


def test_any_other_command_goes_to_the_real_docker(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tmp_path / "real" / "docker"
    real.parent.mkdir()
    real.write_text('#!/bin/sh\necho real "$@"\n')
    real.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{real.parent}")
    assert run(programs, "ps", "-a") == "real ps -a\n"
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(subprocess.CalledProcessError) as missing:
        run(programs, "ps")
    assert "not installed" in missing.value.stderr
