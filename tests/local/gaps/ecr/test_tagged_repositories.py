"""GetResources answers ECR repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def found_in(client: Callable[[str], Any], name: str, resource_type: str) -> bool:
    """Return whether a new repository is among the tagged resources of a type."""
    arn = client("ecr").create_repository(
        repositoryName=name, tags=[{"Key": "owner", "Value": name}]
    )["repository"]["repositoryArn"]
    answer = client("resourcegroupstaggingapi").get_resources(
        TagFilters=[{"Key": "owner", "Values": [name]}], ResourceTypeFilters=[resource_type]
    )
    found = [each["ResourceARN"] for each in answer["ResourceTagMappingList"]]
    return arn in found


def test_moto_still_leaves_repositories_out(moto: Callable[[str], Any], name: str) -> None:
    assert not found_in(moto, name, "ecr:repository")


def test_a_repository_is_found_by_its_tags(embedded: Callable[[str], Any], name: str) -> None:
    assert found_in(embedded, name, "ecr:repository")


def test_not_among_resources_of_another_type(embedded: Callable[[str], Any], name: str) -> None:
    assert not found_in(embedded, name, "sns")
