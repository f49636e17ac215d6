"""A shop with a web service and a worker, and its dashboard."""

from __future__ import annotations

from typing import Any

from ops.copilot.place import EnvironmentPlace, ServicePlace, ServiceStack
from ops.copilot.workload import Queue, TaskRange, TaskSize, Workload
from ops.kinds.alarms.settings import Settings as Alarms
from ops.kinds.dashboards.body import as_body
from ops.kinds.dashboards.desired import desired
from ops.kinds.dashboards.settings import Settings
from ops.kinds.log_metrics.settings import Settings as LogMetrics

WEB = ServiceStack(
    "shop-prod-web",
    "shop-prod",
    "shop-web",
    "targetgroup/web/1",
    "app/public/2",
    "/copilot/shop-prod-web",
    account="123456789012",
    region="eu-central-1",
)
WORKER = ServiceStack(
    "shop-prod-worker", "shop-prod", "shop-worker", account="123456789012", region="eu-central-1"
)
CONSUMER = Workload(
    tasks=TaskRange(2, 20), queue=Queue(name="jobs", dead_letters="dead"), size=TaskSize(0.5, 1)
)
ALARMS = Alarms.model_validate(
    {
        "define": {
            "hot": {
                "summary": "It is hot.",
                "namespace": "AWS/ECS",
                "metric": "CPUUtilization",
                "threshold": 80,
                "missing_data": "ignore",
            }
        }
    }
)
LOG_METRICS = LogMetrics.model_validate(
    {
        "metric_filters": {
            "errors": {"pattern": "ERROR"},
            "slow": {"pattern": "{ $.slow IS TRUE }", "dimensions": {"Task": "$.task"}},
        }
    }
)
PLACE = EnvironmentPlace(
    "shop",
    "prod",
    (
        ServicePlace(
            "shop", "prod", "web", WEB, declared={"alarms": ALARMS, "log_metrics": LOG_METRICS}
        ),
        ServicePlace("shop", "prod", "worker", WORKER, CONSUMER),
    ),
)


def body(place: EnvironmentPlace = PLACE, **settings: Any) -> dict[str, Any]:  # noqa: ANN401
    [resource] = desired(Settings.model_validate(settings), place)
    assert resource.name == f"{place.application}-{place.environment}"
    return as_body(resource.properties)


def graph(title: str, **settings: Any) -> dict[str, Any]:  # noqa: ANN401
    found: dict[str, Any] = {
        widget["properties"].get("title"): widget["properties"]
        for widget in body(**settings)["widgets"]
    }
    return dict(found[title])


def titles(place: EnvironmentPlace = PLACE, **settings: Any) -> list[str]:  # noqa: ANN401
    widgets = body(place, **settings)["widgets"]
    return [each["properties"].get("title") for each in widgets if each["type"] == "metric"]


def places(place: EnvironmentPlace = PLACE, **settings: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401
    keys = ("type", "x", "y", "width", "height")
    return [tuple(widget[key] for key in keys) for widget in body(place, **settings)["widgets"]]
