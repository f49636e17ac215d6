"""The state of everything that the page shows, asked of the embedded AWS by its API.

So the page shows what any client of AWS sees. Nothing is read while nobody looks at the page.
"""

from __future__ import annotations

from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ops.aws.client import in_batches
from ops.local.page.history import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_SERVICES_A_CALL, _TASKS_A_CALL = 10, 100
_ACTIVITIES = 30
_EVENTS = 3  # of a service: the newest
_STOPPED = 5  # of a service: the newest


class Reading:
    """Asks for services, tasks, alarms and scaling activities.

    :param client: returns a boto3 client of a service
    """

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._client = client
        self._names: dict[str, str] = {}

    @cached_property
    def _ecs(self) -> Any:
        return self._client("ecs")

    @cached_property
    def _cloudwatch(self) -> Any:
        return self._client("cloudwatch")

    @cached_property
    def _scaling(self) -> Any:
        return self._client("application-autoscaling")

    def read(self) -> dict[str, Any]:
        """Return everything that the page shows, as JSON. Times are ISO 8601."""
        return {
            "services": list(self._services()),
            "alarms": list(self._alarms()),
            "activities": self._activities(),
        }

    def _services(self) -> Iterator[dict[str, Any]]:
        for cluster in self._ecs.list_clusters()["clusterArns"]:
            pages = self._ecs.get_paginator("list_services").paginate(cluster=cluster)
            arns = [arn for page in pages for arn in page["serviceArns"]]
            tasks = list(self._tasks(cluster))
            for batch in in_batches(arns, _SERVICES_A_CALL):
                described = self._ecs.describe_services(
                    cluster=cluster, services=list(batch), include=["TAGS"]
                )
                for service in described["services"]:
                    ecs_name = service["serviceName"]
                    name = name_of(ecs_name, service.get("tags"))
                    self._names[ecs_name] = name
                    yield {
                        "name": name,
                        "ecs_name": ecs_name,
                        **_service(service, tasks),
                    }

    def _tasks(self, cluster: str) -> Iterator[dict[str, Any]]:
        for status in ("RUNNING", "STOPPED"):
            pages = self._ecs.get_paginator("list_tasks").paginate(
                cluster=cluster, desiredStatus=status
            )
            arns = [arn for page in pages for arn in page["taskArns"]]
            for batch in in_batches(arns, _TASKS_A_CALL):
                yield from self._ecs.describe_tasks(cluster=cluster, tasks=list(batch))["tasks"]

    def _alarms(self) -> Iterator[dict[str, Any]]:
        for page in self._cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        ):
            for alarm in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ())):
                yield {
                    "name": alarm["AlarmName"],
                    "state": alarm["StateValue"],
                    "reason": alarm.get("StateReason", ""),
                    "since": _moment(alarm.get("StateUpdatedTimestamp")),
                }

    def _name(self, ecs_name: str) -> str:
        return self._names.get(ecs_name, ecs_name)

    def _activities(self) -> list[dict[str, Any]]:
        answer = self._scaling.describe_scaling_activities(
            ServiceNamespace="ecs", MaxResults=_ACTIVITIES, IncludeNotScaledActivities=True
        )
        activities = sorted(answer["ScalingActivities"], key=itemgetter("StartTime"), reverse=True)
        return [
            {
                "time": _moment(activity["StartTime"]),
                "service": self._name(activity["ResourceId"].rpartition("/")[2]),
                "description": activity["Description"],
                "cause": activity["Cause"],
                "status": activity["StatusCode"],
                "reasons": [reason["Code"] for reason in activity.get("NotScaledReasons", ())],
            }
            for activity in activities
        ]


def _service(service: dict[str, Any], tasks: Iterable[dict[str, Any]]) -> dict[str, Any]:
    own = [task for task in tasks if task.get("group") == f"service:{service['serviceName']}"]
    running = [task for task in own if task["desiredStatus"] == "RUNNING"]
    stopped = sorted(
        (task for task in own if task["desiredStatus"] == "STOPPED"),
        key=lambda task: str(task.get("stoppedAt") or task.get("stoppingAt") or ""),
        reverse=True,
    )
    return {
        "desired": service["desiredCount"],
        "running": service["runningCount"],
        "tasks": [_task(task) for task in (*running, *stopped[:_STOPPED])],
        "deployments": [
            {
                "state": deployment.get("rolloutState", deployment["status"]),
                "reason": deployment.get("rolloutStateReason", ""),
                "revision": deployment["taskDefinition"].rpartition(":")[2],
                "running": deployment["runningCount"],
                "desired": deployment["desiredCount"],
                "failed": deployment.get("failedTasks", 0),
            }
            for deployment in service["deployments"]
        ],
        "events": [event["message"] for event in service.get("events", ())[:_EVENTS]],
    }


def _task(task: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": task["taskArn"].rpartition("/")[2],
        "cluster": task["clusterArn"].rpartition("/")[2],
        "status": task["lastStatus"],
        "health": task.get("healthStatus", "UNKNOWN"),
        "is_spot": task.get("capacityProviderName") == "FARGATE_SPOT",
        "is_stopping": task["desiredStatus"] == "STOPPED" and task["lastStatus"] != "STOPPED",
        "started": _moment(task.get("startedAt")),
        "reason": task.get("stoppedReason", ""),
    }


def _moment(time: Any) -> str | None:
    return time.isoformat() if time is not None else None
