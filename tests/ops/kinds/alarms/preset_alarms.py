"""The alarms of a preset, for a service of the tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ops.copilot.place import ServicePlace, ServiceStack
from ops.copilot.workload import Queue, TaskRange, Workload
from ops.kinds.alarms.desired import desired
from ops.kinds.alarms.settings import Settings
from ops.kinds.topics.settings import Settings as Topics

HEARTBEAT = {"namespace": "Mine", "metric": "Ticks", "dimensions": {"Environment": "production"}}
STACK = ServiceStack(
    "shop-prod-web",
    "shop-prod",
    "shop-web",
    "targetgroup/web/1",
    "app/public/2",
    account="123456789012",
    region="eu-central-1",
)
WORKLOAD = Workload(tasks=TaskRange(2, 20), queue=Queue(name="jobs", dead_letters="jobs-dead"))
Define = Mapping[str, object]
NOTHING: Define = {}
TARGETS = {"page": "arn:aws:sns:eu-central-1:123456789012:shop-prod-page"}
TOPICS = Topics.model_validate({"page": {}})


def place(workload: Workload = WORKLOAD, stack: ServiceStack = STACK) -> ServicePlace:
    return ServicePlace("shop", "prod", "web", stack, workload, shared={"topics": TOPICS})


def settings(preset: str, define: Define = NOTHING) -> Settings:
    if preset == "scheduler":
        define = {"heartbeat-missing": HEARTBEAT, **define}
    return Settings.model_validate({"preset": preset, "define": define})


def resources(
    preset: str, define: Define = NOTHING, where: ServicePlace | None = None
) -> dict[str, Any]:
    wanted = desired(settings(preset, define), where or place())
    return {each.name.removeprefix("shop-prod-web-"): each for each in wanted}


def properties(preset: str, name: str, define: Define = NOTHING) -> Any:  # noqa: ANN401
    return resources(preset, define)[name].properties
