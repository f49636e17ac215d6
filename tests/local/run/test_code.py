"""The code that containers of an image run on a laptop."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ops.local.fargate.errors import Failure
from ops.local.run.code import Code, tag_of

if TYPE_CHECKING:
    from collections.abc import Callable

REPOSITORY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"
SETTINGS = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Create a repository whose package `shop` prints 1 in v1, 2 in v2 and 3 in the
    working tree.
    """
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)

    def run(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path / "repository"), *SETTINGS, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    module = tmp_path / "repository/backend/src/shop.py"
    module.parent.mkdir(parents=True)
    run("init", "-q", "-b", "main")
    (tmp_path / "repository/.gitattributes").write_text("*.py export-ignore\n")
    for version in (1, 2):
        module.write_text(f"print({version})\n")
        run("add", "-A")
        run("commit", "-qm", f"Version {version}")
        run("tag", f"v{version}")
    module.write_text("print(3)\n")
    return run


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def code(tmp_path: Path, reports: list[str]) -> Code:
    root = tmp_path / "repository/backend"
    root.mkdir(parents=True, exist_ok=True)
    return Code(root, tmp_path / "code", ["local"], reports.append)


def printed(code: Code, tag: str, *options: str) -> str:
    """Run `shop` as a container of an image with this tag, and return its output."""
    done = subprocess.run(
        [sys.executable, "-m", "shop", *options],
        env=os.environ | code.variables(f"{REPOSITORY}:{tag}"),
        cwd=os.sep,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_tag_and_a_commit_run_their_own_code_and_any_other_tag_the_working_tree(
    git: Callable[..., str], code: Code, reports: list[str]
) -> None:
    commit = git("rev-parse", "v1^{commit}")[:12]
    assert [printed(code, tag) for tag in ("v1", "v2", "v1", "local")] == ["1", "2", "1", "3"]
    assert printed(code, commit) == "1"
    assert printed(code, "v2@sha256:" + "0" * 64) == "2"
    assert reports[0] == f"{REPOSITORY}:v1 runs commit {commit}, not the working tree."
    assert len(reports) == 4  # once for each image that runs a commit


def test_the_users_repository_stays_as_it_is(git: Callable[..., str], code: Code) -> None:
    def state() -> list[str]:
        return [git("status", "--porcelain"), git("worktree", "list"), git("show-ref")]

    before = state()
    printed(code, "v1")
    assert state() == before


def test_a_directory_that_python_looks_in_is_that_of_the_tag(
    git: Callable[..., str], code: Code, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editable installation leads to the working tree."""
    library = tmp_path / "repository/libraries/py"
    library.mkdir(parents=True)
    (library / "shop_library.py").write_text("")
    git("add", "-A")
    git("commit", "-qm", "A library")
    git("tag", "v4")
    monkeypatch.syspath_prepend(str(library))
    searched = code.variables(f"{REPOSITORY}:v4")["PYTHONPATH"].split(os.pathsep)
    found = [path for path in searched if (Path(path) / "shop_library.py").exists()]
    assert len(found) == 1
    assert not found[0].startswith(str(tmp_path / "repository"))


def test_a_tag_that_git_does_not_know_is_reported_once(
    git: Callable[..., str], code: Code, reports: list[str]
) -> None:
    git("branch", "v9")  # a branch moves; a tag of ECR's does not
    assert [printed(code, "v9"), printed(code, "v9")] == ["3", "3"]
    (line,) = reports
    assert f"{REPOSITORY}:v9" in line
    assert "runs the working tree" in line


@pytest.mark.usefixtures("git")
def test_an_image_of_a_public_registry_is_not_reported(code: Code, reports: list[str]) -> None:
    assert code.variables("redis:7")["OPS_WORKSPACE"].endswith("backend")
    assert reports == []


def test_a_workspace_outside_git_runs_its_files(code: Code, reports: list[str]) -> None:
    root = Path(code.variables(f"{REPOSITORY}:v1")["OPS_WORKSPACE"])
    assert root.name == "backend"
    assert reports == []


def test_files_that_cannot_be_written_fail_the_task(
    git: Callable[..., str], code: Code, tmp_path: Path
) -> None:
    commit = git("rev-parse", "v1^{commit}")
    (tmp_path / "code" / f"{commit[:12]}.index").mkdir(parents=True)
    with pytest.raises(Failure, match="CannotPullContainerError"):
        code.variables(f"{REPOSITORY}:v1")


@pytest.mark.parametrize(
    ("image", "tag"),
    [
        ("shop", None),
        ("registry:5000/shop", None),
        ("registry:5000/shop:v1", "v1"),
        ("shop@sha256:" + "0" * 64, None),
        ("shop:v1@sha256:" + "0" * 64, "v1"),
        ("shop:--upload-pack", None),
        ("", None),
    ],
)
def test_tags_of_image_names(image: str, tag: str | None) -> None:
    assert tag_of(image) == tag
