"""`ops images list`: the images, their findings, and their users."""

from collections import Counter
from pathlib import Path

import boto3

from tests.ops.conftest import Ops
from tests.ops.kinds.images.stored_images import (
    REGISTRY,
    declare,
    deploy_environment,
    push,
    release,
    run,
)


def test_images_with_their_scans_and_their_users(
    ops: Ops, aws: None, workspace: Path, calls: list[str]
) -> None:
    deploy_environment("prod")
    ops("images", "sync")
    digests = push("v1", "v2", "v3", "v4")
    run(release("web", "v1"))
    release("worker", "v0")
    boto3.client("ecr").start_image_scan(repositoryName="shop/web", imageId={"imageTag": "v4"})
    calls.clear()
    listed = ops("images", "list", "--limit", "2", "--output", "json")
    assert listed.code == 0, listed
    assert Counter(calls)["DescribeImageScanFindings"] == 3  # a call for each image shown
    assert len(calls) == 13
    [repository] = listed.data["repositories"]
    assert (repository["name"], repository["keep"], repository["count"]) == ("shop/web", 10, 4)
    assert repository["missing"] == [f"worker in prod: {REGISTRY}/shop/web:v0"]
    newest, _, used = repository["images"]
    assert (newest["tags"], newest["digest"]) == (["v4"], digests[3])
    assert (newest["bytes"], newest["used_by"], newest["pushes_left"]) == (131_000_000, [], 9)
    assert newest["findings"]["HIGH"] >= 1  # what moto finds in every image
    assert (used["tags"], used["used_by"]) == (["v1"], ["web in prod"])
    assert used["findings"] is None
    table = ops("images", "list").out.splitlines()
    assert table[0] == f"{REGISTRY}/shop/web: 4 images, keeps 10"
    assert "web in prod" in table[-2]


def test_a_repository_that_is_not_there_hides_no_other(
    ops: Ops, aws: None, workspace: Path
) -> None:
    ops("images", "sync")
    declare(workspace, "images:\n  shop/jobs: {keep: 3}\n  shop/web: {keep: 3}\n")
    listed = ops("images", "list")
    assert listed.code == 1
    assert "`shop/jobs` does not exist yet. Run `ops images sync`." in listed.err
    assert "shop/web: 0 images, keeps 3" in listed.out


def test_nothing_declared_is_told(ops: Ops, aws: None, workspace: Path) -> None:
    declare(workspace, "")
    listed = ops("images", "list")
    assert (listed.code, listed.out) == (0, "No repository is declared in copilot/ops.yml.\n")
