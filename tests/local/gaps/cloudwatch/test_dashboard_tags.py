"""The tags of a dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MINE = [{"Key": "managed-by", "Value": "ops"}]


def put(client: Callable[[str], Any], name: str, tags: list[dict[str, str]]) -> Any:  # noqa: ANN401
    client("cloudwatch").put_dashboard(
        DashboardName=name, DashboardBody='{"widgets": []}', Tags=tags
    )
    return tags_of(client, name)


def tags_of(client: Callable[[str], Any], name: str) -> Any:  # noqa: ANN401
    arn = client("cloudwatch").get_dashboard(DashboardName=name)["DashboardArn"]
    return client("cloudwatch").list_tags_for_resource(ResourceARN=arn)["Tags"]


def test_moto_still_loses_the_tags(moto: Callable[[str], Any], name: str) -> None:
    assert put(moto, name, MINE) == []


def test_a_new_dashboard_keeps_its_tags(embedded: Callable[[str], Any], name: str) -> None:
    assert put(embedded, name, MINE) == MINE


def test_a_dashboard_that_is_there_gets_no_tags(embedded: Callable[[str], Any], name: str) -> None:
    put(embedded, name, [])
    assert put(embedded, name, MINE) == []


def test_tags_go_with_their_dashboard(embedded: Callable[[str], Any], name: str) -> None:
    put(embedded, name, MINE)
    embedded("cloudwatch").delete_dashboards(DashboardNames=[name])
    assert put(embedded, name, []) == []
