"""The activities of Application Auto Scaling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "activities"
TARGET: dict[str, Any] = {
    "ServiceNamespace": "ecs",
    "ResourceId": f"service/{NAME}/{NAME}",
    "ScalableDimension": "ecs:service:DesiredCount",
}


def counts(client: Callable[[str], Any], *limits: tuple[int, int]) -> list[int]:
    """Return the desired count of a service of two tasks after each pair of limits."""
    client("ecs").create_cluster(clusterName=NAME)
    client("ecs").register_task_definition(
        family=NAME, containerDefinitions=[{"name": "main", "image": "x", "memory": 128}]
    )
    client("ecs").create_service(
        cluster=NAME, serviceName=NAME, taskDefinition=NAME, desiredCount=2
    )
    found = []
    for least, most in limits:
        client("application-autoscaling").register_scalable_target(
            **TARGET, MinCapacity=least, MaxCapacity=most
        )
        (service,) = client("ecs").describe_services(cluster=NAME, services=[NAME])["services"]
        found.append(service["desiredCount"])
    return found


def test_moto_tells_and_moves_nothing(moto: Callable[[str], Any]) -> None:
    assert counts(moto, (1, 9), (4, 9)) == [2, 2]
    with pytest.raises(ClientError):
        moto("application-autoscaling").describe_scaling_activities(
            ServiceNamespace="ecs", ResourceId=TARGET["ResourceId"]
        )


def test_limits_move_the_count_and_are_told(embedded: Callable[[str], Any]) -> None:
    assert counts(embedded, (1, 9), (4, 9), (1, 3), (1, 9)) == [2, 4, 3, 3]
    pages = (
        embedded("application-autoscaling")
        .get_paginator("describe_scaling_activities")
        .paginate(ServiceNamespace="ecs", PaginationConfig={"PageSize": 1})
    )
    everywhere = [each for page in pages for each in page["ScalingActivities"]]
    told = [each for each in everywhere if each["ResourceId"] == TARGET["ResourceId"]]
    assert [(each["Description"], each["Cause"]) for each in told] == [
        ("Setting desired count to 3.", "maximum capacity was set to 3"),
        ("Setting desired count to 4.", "minimum capacity was set to 4"),
    ]
    assert {each["StatusCode"] for each in told} == {"Successful"}
    other = embedded("application-autoscaling").describe_scaling_activities(
        ServiceNamespace="ecs", ResourceId="service/activities/other"
    )
    assert not other["ScalingActivities"]
