"""The preview of a lifecycle policy."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable


def rule(priority: int, number: int, **selection: object) -> dict[str, Any]:
    return {
        "rulePriority": priority,
        "selection": {"countType": "imageCountMoreThan", "countNumber": number, **selection},
        "action": {"type": "expire"},
    }


def put(ecr: Any, repository: str, *tags: str) -> None:  # noqa: ANN401
    ecr.create_repository(repositoryName=repository)
    for tag in tags:
        digest = f"sha256:{hashlib.sha256(tag.encode()).hexdigest()}"
        manifest = {"mediaType": "m", "schemaVersion": 2, "layers": [{"digest": digest}]}
        ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=json.dumps(manifest))


def expiring(ecr: Any, repository: str, *rules: dict[str, Any]) -> list[str]:  # noqa: ANN401
    """Return the tags of the images that the rules would expire."""
    policy = json.dumps({"rules": rules})
    ecr.start_lifecycle_policy_preview(repositoryName=repository, lifecyclePolicyText=policy)
    preview = ecr.get_lifecycle_policy_preview(repositoryName=repository)
    assert preview["status"] == "COMPLETE"
    assert preview["lifecyclePolicyText"] == policy
    found = preview["previewResults"]
    assert preview["summary"] == {"expiringImageTotalCount": len(found)}
    assert all(each["action"] == {"type": "EXPIRE"} for each in found)
    return sorted(tag for each in found for tag in each["imageTags"])


def test_moto_still_has_no_preview(moto: Callable[[str], Any], name: str) -> None:
    ecr = moto("ecr")
    put(ecr, name)
    with pytest.raises(ClientError) as error:
        ecr.start_lifecycle_policy_preview(repositoryName=name)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_the_oldest_beyond_the_count_expire(embedded: Callable[[str], Any], name: str) -> None:
    ecr = embedded("ecr")
    put(ecr, name, "v1", "v2", "v3", "v4")
    assert expiring(ecr, name, rule(1, 3, tagStatus="any")) == ["v1"]
    assert expiring(ecr, name, rule(1, 1, tagStatus="any")) == ["v1", "v2", "v3"]
    assert expiring(ecr, name, rule(1, 9, tagStatus="any")) == []


def test_a_rule_leaves_alone_what_an_earlier_one_matched(
    embedded: Callable[[str], Any], name: str
) -> None:
    ecr = embedded("ecr")
    put(ecr, name, "keep-v1", "v2", "v3")
    rules = (
        rule(2, 1, tagStatus="any"),
        rule(1, 99, tagStatus="tagged", tagPrefixList=["keep-"]),
    )
    assert expiring(ecr, name, *rules) == ["v2"]


def test_the_own_policy_is_previewed_when_none_is_given(
    embedded: Callable[[str], Any], name: str
) -> None:
    ecr = embedded("ecr")
    put(ecr, name, "v1", "v2")
    with pytest.raises(ecr.exceptions.LifecyclePolicyNotFoundException):
        ecr.start_lifecycle_policy_preview(repositoryName=name)
    with pytest.raises(ecr.exceptions.LifecyclePolicyPreviewNotFoundException):
        ecr.get_lifecycle_policy_preview(repositoryName=name)
    policy = json.dumps({"rules": [rule(1, 1, tagStatus="any")]})
    ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=policy)
    ecr.start_lifecycle_policy_preview(repositoryName=name)
    [found] = ecr.get_lifecycle_policy_preview(repositoryName=name)["previewResults"]
    assert found["imageTags"] == ["v1"]


def test_a_rule_that_it_cannot_judge_is_refused(embedded: Callable[[str], Any], name: str) -> None:
    ecr = embedded("ecr")
    put(ecr, name, "v1")
    unknown = rule(1, 1, tagStatus="tagged", tagPatternList=["v*"])
    with pytest.raises(ecr.exceptions.ValidationException):
        expiring(ecr, name, unknown)
