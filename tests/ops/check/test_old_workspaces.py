"""Workspaces without `ops`: old ones, partial ones, and files that cannot be read."""

from pathlib import Path

import pytest

from ops.check.files.reading import read_subject
from ops.check.run import check
from tests.ops.check.conftest import write
from tests.ops.conftest import Ops

SERVICE = "name: api\ntype: Backend Service\nimage: {location: a}\n"
OLD_PIPELINE = """\
name: pipeline-shop
version: 1
source:
  provider: GitHub
  properties: {repository: https://example.org/a/b, access_token_secret: token, branch: main}
stages:
  - name: test
    test_commands: [make test]
"""


def found(root: Path) -> list[tuple[str, str, int]]:
    report = check(read_subject(root))
    return [(each.rule, each.path.as_posix(), each.line) for each in report.findings]


def test_a_workspace_of_the_first_years(tmp_path: Path) -> None:
    # No .workspace, no environments' manifests, one pipeline beside the services.
    files = {"copilot/api/manifest.yml": SERVICE, "copilot/pipeline.yml": OLD_PIPELINE}
    write(tmp_path, {**files, "copilot/buildspec.yml": "version: 0.2\n"})
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("repository", "rules"), [("shop/api", []), ("shop/web", ["images-never-expire"])]
)
def test_repositories_of_an_application_whose_name_is_unknown(
    tmp_path: Path, repository: str, rules: list[str]
) -> None:
    files = {
        "copilot/api/manifest.yml": SERVICE.replace("location: a", "build: Dockerfile"),
        "copilot/ops.yml": f"images:\n  {repository}: {{keep: 20}}\n",
        "Dockerfile": "FROM scratch\nCMD [a]\n",
    }
    write(tmp_path, files)
    assert [rule for rule, _, _ in found(tmp_path)] == rules


def test_an_empty_folder_is_a_workspace_without_mistakes(ops: Ops, tmp_path: Path) -> None:
    (tmp_path / "copilot").mkdir()
    assert ops("check", "--workspace", str(tmp_path)).code == 0


def test_one_unreadable_file_leaves_the_others(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "copilot/.workspace": "application: [shop]\n",
            "copilot/api/manifest.yml": b"\xff\xfe\x00",
            "copilot/web/manifest.yml": "name: web\nname: web\n",
            "copilot/worker/manifest.yml": "name: worker\ntype: Backend Service\ncount: -1\n"
            "image: {location: a}\n",
            "copilot/worker/addons/broken.yml": "- a\n",
        },
    )
    assert found(tmp_path) == [
        ("unreadable-file", "copilot/.workspace", 1),
        ("unreadable-file", "copilot/api/manifest.yml", 1),
        ("unreadable-file", "copilot/web/manifest.yml", 2),
        ("unreadable-file", "copilot/worker/addons/broken.yml", 1),
        ("negative-count", "copilot/worker/manifest.yml", 3),
    ]


def test_what_is_no_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "copilot/api/manifest.yml").mkdir(parents=True)
    (tmp_path / "copilot/loop").symlink_to(tmp_path / "copilot")
    (tmp_path / "copilot/gone").mkdir()
    (tmp_path / "copilot/gone/manifest.yml").symlink_to(tmp_path / "nowhere")
    assert found(tmp_path) == []


@pytest.mark.parametrize("build", ["Dockerfile", "{dockerfile: Dockerfile}", "{context: .}"])
def test_the_dockerfile_is_found_however_it_is_named(tmp_path: Path, build: str) -> None:
    health = "  healthcheck: {command: [CMD, curl, x], start_period: 60s}\n"
    manifest = f"name: api\ntype: Backend Service\nimage:\n  build: {build}\n{health}"
    dockerfile = "ARG V=3.12\nFROM python:${V}-slim\n"
    write(tmp_path, {"copilot/api/manifest.yml": manifest, "Dockerfile": dockerfile})
    assert found(tmp_path) == [("health-check-program", "copilot/api/manifest.yml", 5)]


@pytest.mark.parametrize(
    ("base", "lacks"),
    [
        ("python:3.12", False),  # Debian's full image has curl
        ("python:3.12-slim", True),
        ("docker.io/library/python:3.12-alpine", True),
        ("public.ecr.aws/docker/library/node:22-slim", True),
        ("shop/python:3.12-slim", False),  # whoever made it may have put it in
        ("alpine", True),
        ("gcr.io/distroless/python3", True),
        ("gcr.io/distroless/python3:debug", False),
        ("nginx:alpine", False),
    ],
)
def test_which_images_are_known_to_lack_curl(tmp_path: Path, base: str, lacks: bool) -> None:
    health = "  healthcheck: {command: [CMD, curl, x], start_period: 60s}\n"
    manifest = f"name: api\ntype: Backend Service\nimage:\n  build: Dockerfile\n{health}"
    write(tmp_path, {"copilot/api/manifest.yml": manifest, "Dockerfile": f"FROM {base}\n"})
    assert [rule for rule, _, _ in found(tmp_path)] == ["health-check-program"] * lacks


@pytest.mark.parametrize(
    ("command", "schedules"),
    [
        ("celery -A shop beat", True),
        ("python -m celery --app=shop --loglevel info beat", True),
        ("celery beat -A shop", True),
        ("celery -A shop worker -B", True),
        ("celery -A shop worker -Q beat", False),
        ("celery -A shop beat -S redbeat.RedBeatScheduler", False),
        ("python beat.py", False),
    ],
)
def test_what_runs_a_scheduler(tmp_path: Path, command: str, schedules: bool) -> None:
    manifest = f"name: api\ntype: Backend Service\nimage: {{location: a}}\ncommand: {command}\n"
    manifest += "count: 2\ndeployment: {rolling: recreate}\n"
    write(tmp_path, {"copilot/api/manifest.yml": manifest})
    assert ("several-schedulers" in {rule for rule, _, _ in found(tmp_path)}) is schedules


def test_a_base_that_only_a_build_knows_is_not_judged(tmp_path: Path) -> None:
    health = "  healthcheck: {command: [CMD, curl, x], start_period: 60s}\n"
    manifest = f"name: api\ntype: Backend Service\nimage:\n  build: Dockerfile\n{health}"
    dockerfile = "ARG BASE\nFROM $BASE\nCMD python a\n"
    write(tmp_path, {"copilot/api/manifest.yml": manifest, "Dockerfile": dockerfile})
    assert found(tmp_path) == []
