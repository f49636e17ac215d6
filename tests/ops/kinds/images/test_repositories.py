"""Image repositories: created if missing, kept as declared, never taken over."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from ops.copilot.workspace import WorkspaceError, load_workspace
from tests.ops.conftest import Ops


def repository() -> dict[str, Any]:
    [found] = boto3.client("ecr").describe_repositories()["repositories"]
    return dict(found)


def lifecycle_policy() -> dict[str, Any]:
    answer = boto3.client("ecr").get_lifecycle_policy(repositoryName="shop/web")
    policy: dict[str, Any] = json.loads(answer["lifecyclePolicyText"])
    return policy


def test_sync_makes_the_repository_before_anything_is_deployed(
    ops: Ops, aws: None, workspace: object
) -> None:
    assert ops("images", "sync").code == 0
    assert repository()["imageScanningConfiguration"] == {"scanOnPush": True}
    assert repository()["imageTagMutability"] == "IMMUTABLE"
    assert lifecycle_policy() == {
        "rules": [
            {
                "rulePriority": 1,
                "description": "Keep last 10 images",
                "selection": {
                    "tagStatus": "any",
                    "countType": "imageCountMoreThan",
                    "countNumber": 10,
                },
                "action": {"type": "expire"},
            }
        ]
    }
    tags = boto3.client("ecr").list_tags_for_resource(resourceArn=repository()["repositoryArn"])
    assert {"Key": "managed-by", "Value": "ops"} in tags["tags"]
    assert ops("images", "plan", "--exit-code").code == 0


def test_drift_of_each_setting_is_mended(ops: Ops, aws: None, workspace: object) -> None:
    ops("images", "sync")
    client = boto3.client("ecr")
    client.put_image_tag_mutability(repositoryName="shop/web", imageTagMutability="MUTABLE")
    client.put_image_scanning_configuration(
        repositoryName="shop/web", imageScanningConfiguration={"scanOnPush": False}
    )
    client.delete_lifecycle_policy(repositoryName="shop/web")
    planned = ops("images", "plan", "--exit-code")
    assert planned.code == 2
    assert "MUTABLE → IMMUTABLE" in planned.out
    assert ops("images", "sync").code == 0
    assert ops("images", "plan", "--exit-code").code == 0


def test_a_repository_of_someone_else_is_a_conflict_and_stays(
    ops: Ops, aws: None, workspace: object
) -> None:
    boto3.client("ecr").create_repository(repositoryName="shop/web")
    synced = ops("images", "sync")
    assert synced.code == 1
    assert "! conflict shop/web" in synced.out
    assert "was not created by ops" in synced.out
    assert repository()["imageTagMutability"] == "MUTABLE"


@pytest.mark.parametrize("name", ["Bad Name", "UPPER", "a", "a" * 257, "foo//bar", "-a", "a._b"])
def test_a_name_that_ecr_refuses_is_told_with_its_line(workspace: Path, name: str) -> None:
    (workspace / "copilot/ops.yml").write_text(f"images:\n  {name}: {{keep: 1}}\n")
    with pytest.raises(WorkspaceError, match=r"^copilot/ops.yml:2: images.*no ECR repository can"):
        load_workspace(workspace).settings("prod", {})


@pytest.mark.parametrize("name", ["ab", "shop/web", "a--b__c.d/e_f/0", "a" * 256])
def test_a_name_that_ecr_takes_is_taken(workspace: Path, name: str) -> None:
    (workspace / "copilot/ops.yml").write_text(f"images:\n  {name}: {{keep: 1}}\n")
    load_workspace(workspace).settings("prod", {})
