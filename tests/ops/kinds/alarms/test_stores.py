"""The alarms on a Redis and a PostgreSQL, whose ids are in the file."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ops.copilot.place import ServicePlace, ServiceStack
from ops.kinds.alarms.desired import desired
from ops.kinds.alarms.settings import Settings
from ops.kinds.alarms.stores import stores

RUNBOOKS = Path(__file__).parents[4] / "docs" / "runbooks"
PLACE = ServicePlace("shop", "prod", "web", ServiceStack("shop-prod-web", "shop-prod", "shop-web"))


def made(**section: object) -> dict[str, Any]:
    wanted = desired(Settings.model_validate(section), PLACE)
    return {each.name.removeprefix("shop-prod-web-"): each.properties for each in wanted}


def test_an_id_adds_the_alarms_of_its_store_alone_or_to_a_preset() -> None:
    alone = made(redis={"cluster": "shop-001"})
    assert alone.keys() == stores()["redis"].keys()
    for each in alone.values():
        assert each["Dimensions"] == [{"Name": "CacheClusterId", "Value": "shop-001"}]
    both = made(preset="service", define={"few-tasks": "off"}, redis={"cluster": "a"})
    assert {"high-cpu", "redis-cpu"} < both.keys()


def test_connections_are_watched_where_it_is_said_how_many_there_are() -> None:
    assert "postgres-connections" not in made(postgres={"instance": "shop"})
    watched = made(postgres={"instance": "shop", "max_connections": 200})
    assert watched.keys() == stores()["postgres"].keys()
    assert watched["postgres-connections"]["Threshold"] == 160
    assert watched["postgres-storage"]["Dimensions"] == [
        {"Name": "DBInstanceIdentifier", "Value": "shop"}
    ]


def test_they_are_changed_like_all_others() -> None:
    changed = made(
        redis={"cluster": "a"}, define={"redis-cpu": {"threshold": 95}, "redis-memory": "off"}
    )
    assert changed["redis-cpu"]["Threshold"] == 95
    assert "redis-memory" not in changed


@pytest.mark.parametrize("section", [{"redis": {}}, {"postgres": {"max_connections": 5}}])
def test_a_store_without_an_id_is_refused(section: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="Field required"):
        Settings.model_validate(section)


def test_each_has_its_runbook() -> None:
    names = [name for preset in stores().values() for name in preset]
    assert all((RUNBOOKS / f"{name}.md").is_file() for name in names)
