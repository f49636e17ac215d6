"""Images of running tasks are in their repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.local.stacks import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Callable


def tags_after_a_task_definition(client: Callable[[str], Any], name: str) -> list[str]:
    ecr, ecs = client("ecr"), client("ecs")
    ecr.create_repository(repositoryName=name)
    image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}:v1"
    for _ in range(2):
        ecs.register_task_definition(
            family=name, containerDefinitions=[{"name": "app", "image": image, "memory": 128}]
        )
    found = ecr.describe_images(repositoryName=name)["imageDetails"]
    assert ecr.describe_images(repositoryName=name)["imageDetails"] == found
    return [tag for each in found for tag in each["imageTags"]]


def test_moto_still_has_the_gap(moto: Callable[[str], Any]) -> None:
    assert tags_after_a_task_definition(moto, "gap") == []


def test_the_image_of_a_task_definition_is_there(embedded: Callable[[str], Any]) -> None:
    assert tags_after_a_task_definition(embedded, "running-images") == ["v1"]
    repository = embedded("ecr").describe_images(
        repositoryName="running-images", imageIds=[{"imageTag": "v1"}]
    )
    assert len(repository["imageDetails"]) == 1


def test_no_layer_of_such_an_image_is_there(embedded: Callable[[str], Any]) -> None:
    ecr = embedded("ecr")
    with pytest.raises(ecr.exceptions.LayersNotFoundException, match="sha256:1 does not exist"):
        ecr.get_download_url_for_layer(repositoryName="any", layerDigest="sha256:1")
