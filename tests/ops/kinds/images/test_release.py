"""`ops images tag`, `build` and `push` with a real git repository, moto's ECR and a fake docker."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.ops.conftest import Ops
from tests.ops.kinds.images.stored_images import (
    REGISTRY,
    declare,
    deploy_environment,
    keep,
    push,
    release,
)

ROOT = Path(__file__).parents[4]
HOW_TO = ROOT / "docs" / "how-to" / "deploy-to-aws.md"


@dataclass(frozen=True)
class Docker:
    """The arguments that the fake docker recorded."""

    home: Path

    @property
    def calls(self) -> list[dict[str, Any]]:
        path = self.home / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    @property
    def told(self) -> list[list[str]]:
        return [call["told"] for call in self.calls]


@pytest.fixture
def docker(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Docker:
    """Put `docker` and `git` on the PATH, and nothing else."""
    home = tmp_path_factory.mktemp("docker")
    bin_ = home / "bin"
    bin_.mkdir()
    (bin_ / "git").symlink_to(shutil.which("git") or "git")
    script = bin_ / "docker"
    script.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m tests.ops.kinds.images.fake_docker "$@"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(bin_))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("FAKE_DOCKER", str(home))
    return Docker(home)


def commit(workspace: Path, message: str = "A change") -> str:
    """Commit everything. Returns the commit."""

    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        command = ["git", "-C", str(workspace), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", message)
    return git("rev-parse", "HEAD")


@pytest.fixture
def shop(ops: Ops, aws: None, workspace: Path, docker: Docker) -> Path:
    """Create a committed workspace and its repository."""
    (workspace / "Dockerfile").write_text("FROM scratch\n")
    assert ops("images", "sync").code == 0
    commit(workspace)
    return workspace


def test_a_commit_becomes_an_image(ops: Ops, shop: Path, docker: Docker) -> None:
    made = commit(shop)
    name = f"{REGISTRY}/shop/web:{made[:12]}"
    assert ops("images", "tag").out == f"{made[:12]}\n"
    assert ops("images", "build").out == f"{name}\n"
    pushed = ops("images", "push", "--output", "json")
    assert pushed.code == 0, pushed
    label = f"org.opencontainers.image.revision={made}"
    dockerfile = str(shop / "Dockerfile")
    built, _, login, push_ = docker.calls
    assert built["told"] == [
        *("build", "--platform", "linux/amd64", "--file", dockerfile),
        *("--label", label, "--tag", name, str(shop)),
    ]
    assert not built["attests"]  # else one push is three images to a lifecycle policy
    assert login["told"] == ["login", "--username", "AWS", "--password-stdin", REGISTRY]
    assert login["stdin"] == "123456789012-auth-token"
    assert push_["told"] == ["push", name]
    [image] = boto3.client("ecr").describe_images(repositoryName="shop/web")["imageDetails"]
    assert image["imageTags"] == [made[:12]]
    assert pushed.data == {"image": name, "tag": made[:12], "digest": image["imageDigest"]}


def test_a_tree_that_differs_from_its_commit_is_refused(
    ops: Ops, shop: Path, docker: Docker
) -> None:
    (shop / "copilot" / "web" / "new.yml").touch()
    for command in ("tag", "build", "push"):
        refused = ops("images", command)
        assert refused.code == 1
        assert "The working tree differs from its commit: copilot/web/new.yml." in refused.err
    assert not docker.calls


def test_no_setting_of_gits_hides_what_differs(ops: Ops, shop: Path) -> None:
    git = ["git", "-C", str(shop), "config"]
    subprocess.run([*git, "status.showUntrackedFiles", "no"], check=True)
    subprocess.run([*git, "diff.ignoreSubmodules", "all"], check=True)
    assert ops("images", "tag").code == 0
    (shop / "copilot" / "web" / "new.yml").touch()
    refused = ops("images", "tag")
    assert refused.code == 1
    assert "The working tree differs from its commit: copilot/web/new.yml." in refused.err


def test_a_tag_that_exists_is_refused(ops: Ops, shop: Path, docker: Docker) -> None:
    push("v1.2.3")
    for command in ("build", "push"):
        refused = ops("images", command, "--tag", "v1.2.3")
        assert refused.code == 1
        assert "The tag `v1.2.3` exists in shop/web since 20" in refused.err
    assert not docker.calls


def test_a_push_by_which_an_image_in_use_would_expire_is_refused(
    ops: Ops, shop: Path, docker: Docker
) -> None:
    deploy_environment("prod")
    push("v1", "v2", "v3")
    release("web", "v1")
    keep(shop, 3)
    assert ops("images", "sync").code == 0
    commit(shop)
    ops("images", "build")
    refused = ops("images", "push")
    assert refused.code == 1
    assert "Pushing to shop/web would expire images in use: v1 (web in prod)" in refused.err
    assert "raise `keep` in copilot/ops.yml to 4 or more" in refused.err
    assert [told[0] for told in docker.told] == ["build"]
    keep(shop, 4)
    commit(shop)
    ops("images", "build")
    assert ops("images", "push").code == 0


def test_keeping_one_image_means_that_the_next_push_takes_it(ops: Ops, shop: Path) -> None:
    deploy_environment("prod")
    push("v1")
    release("web", "v1")
    keep(shop, 1)
    commit(shop)
    refused = ops("images", "push")
    assert "to 2 or more" in refused.err


def test_only_what_was_built_of_this_commit_is_pushed(ops: Ops, shop: Path, docker: Docker) -> None:
    assert "is not on this machine. Run `ops images build` first." in ops("images", "push").err
    old = commit(shop)
    assert ops("images", "build", "--tag", "v1").code == 0
    commit(shop, "Another change")
    assert f"was built from another commit, {old}" in ops("images", "push", "--tag", "v1").err
    assert not [told for told in docker.told if told[0] in ("login", "push")]


def test_a_failure_of_docker_is_told(
    ops: Ops, shop: Path, docker: Docker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_DOCKER_FAILS", "build login")
    failed = ops("images", "build")
    assert failed.code == 1
    assert "`docker build` failed with exit code 17." in failed.err
    assert failed.out == ""


def test_without_docker_it_says_so(ops: Ops, shop: Path, docker: Docker) -> None:
    (docker.home / "bin" / "docker").unlink()
    for command in ("build", "push"):
        refused = ops("images", command)
        assert refused.code == 1
        assert "`docker` is missing" in refused.err


def test_without_git_or_a_commit_it_says_so(
    ops: Ops, aws: None, workspace: Path, docker: Docker
) -> None:
    refused = ops("images", "tag")
    assert refused.code == 1
    assert "git finds no commit at " in refused.err
    (docker.home / "bin" / "git").unlink()
    assert "`git` is missing" in ops("images", "tag").err


def test_the_repository_must_be_clear_and_there(ops: Ops, shop: Path) -> None:
    declare(shop, "images:\n  shop/web: {keep: 3}\n  shop/jobs: {keep: 3}\n")
    commit(shop)
    assert (
        "does not declare exactly one repository: shop/web, shop/jobs" in ops("images", "build").err
    )
    assert "no repository `shop/wen`" in ops("images", "build", "shop/wen").err
    assert "`shop/jobs` does not exist yet" in ops("images", "build", "shop/jobs").err
    assert "is not a valid image tag" in ops("images", "build", "shop/web", "--tag", "a:b").err


def test_the_commands_of_the_page_on_deploying_work(ops: Ops, shop: Path) -> None:
    shown = re.findall(
        r"^ *(?:export \w+=\$\()?ops (images [^)\n]*)", HOW_TO.read_text(), re.MULTILINE
    )
    assert [command.split()[1] for command in shown] == ["sync"]
    for command in shown:
        assert ops(*command.split()).code == 0, command


def test_what_the_page_on_deploying_adopts_is_adopted(ops: Ops, shop: Path) -> None:
    [declared] = re.findall(r"```yaml\n(images:.*?)```", HOW_TO.read_text(), re.DOTALL)
    declare(shop, declared)
    boto3.client("ecr").create_repository(repositoryName="amply/api")
    assert ops("images", "sync").code == 0
    assert ops("images", "plan", "--exit-code").code == 0


@pytest.mark.parametrize("engine", ["podman", "buildah"])
def test_another_engine_does_as_well(ops: Ops, shop: Path, docker: Docker, engine: str) -> None:
    """Buildah's own `inspect` differs; all other commands are the same."""
    (docker.home / "bin" / "docker").rename(docker.home / "bin" / engine)
    assert ops("images", "build").code == 0
    pushed = ops("images", "push", "--output", "json")
    assert pushed.code == 0, pushed.err
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", pushed.data["digest"])
    assert [told[0] for told in docker.told] == [
        "build", "inspect" if engine == "buildah" else "image", "login", "push",
    ]  # fmt: skip
