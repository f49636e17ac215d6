"""Container Insights of an environment's template are a setting of the embedded cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.local.stacks import template

if TYPE_CHECKING:
    from tests.local.stacks import Stacks


def cluster(value: str) -> dict[str, Any]:
    """Return a cluster as Copilot renders it for `observability: {container_insights: …}`."""
    settings = [{"Name": "containerInsights", "Value": value}]
    return {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterSettings": settings}}


def test_container_insights_reach_the_cluster_and_follow_the_template(
    stacks: Stacks, name: str
) -> None:
    body = template(
        {"Cluster": cluster("enabled")}, Outputs={"Name": {"Value": {"Ref": "Cluster"}}}
    )
    stack = stacks.create(name, body)
    ecs_name = stack["Outputs"][0]["OutputValue"]

    def settings() -> list[dict[str, str]]:
        described = stacks.client("ecs").describe_clusters(
            clusters=[ecs_name], include=["SETTINGS"]
        )
        return list(described["clusters"][0]["settings"])

    assert settings() == [{"name": "containerInsights", "value": "enabled"}]
    stacks.update(name, body | {"Resources": {"Cluster": cluster("disabled")}})
    assert settings() == [{"name": "containerInsights", "value": "disabled"}]
