"""Services and tasks in ECS, and a failed task's last log line: the only code that reads them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from ops.aws.access import Access
from ops.aws.client import Aws, in_batches
from ops.copilot.place import ServicePlace
from ops.oncall.logs.event import LogEvent
from ops.oncall.status import answers
from ops.oncall.status.snapshot import Counts, Health, Stopped

ECS = Access("ecs", ("DescribeServices", "ListTasks", "DescribeTasks"))
LOGS = Access("logs", ("GetLogEvents",))

# The most that one call takes.
_SERVICES_AT_ONCE, _TASKS_AT_ONCE = 10, 100
_LINES = 20  # the last of a log stream; some may be blank


class Ecs:
    """The ECS services of some places: their tasks and deployments."""

    def __init__(self, aws: Aws, places: Sequence[ServicePlace]) -> None:
        self._places = places
        self._ecs, self._logs = aws.client(ECS), aws.client(LOGS)

    def counts(self) -> dict[str, Counts]:
        """Read the counts: one call for ten services."""
        by_service: dict[str, Counts] = {}
        for cluster, names in self._by_cluster().items():
            for batch in in_batches(sorted(names), _SERVICES_AT_ONCE):
                answer = self._ecs.describe_services(cluster=cluster, services=batch)
                for service in answer["services"]:
                    by_service[names[service["serviceName"]]] = answers.counts_of(service)
        return by_service

    def running(self) -> dict[str, Health]:
        """Read running tasks: one call for 100 tasks of a cluster, and one to list them."""
        tasks = self._described("RUNNING")
        return {place.service: answers.health_of(tasks[place.service]) for place in self._places}

    def stopped(self) -> dict[str, tuple[Stopped, ...]]:
        """Read stopped tasks the same way; ECS keeps them for an hour."""
        tasks = self._described("STOPPED")
        by_service = {}
        for place in self._places:
            stopped = [answers.stopped_of(task) for task in tasks[place.service]]
            by_service[place.service] = tuple(task for task in stopped if task is not None)
        return by_service

    def _described(self, status: str) -> defaultdict[str, list[Any]]:
        by_service: defaultdict[str, list[Any]] = defaultdict(list)
        for cluster, names in self._by_cluster().items():
            pages = self._ecs.get_paginator("list_tasks").paginate(
                cluster=cluster, desiredStatus=status
            )
            arns = [arn for page in pages for arn in page["taskArns"]]
            for batch in in_batches(arns, _TASKS_AT_ONCE):
                for task in self._ecs.describe_tasks(cluster=cluster, tasks=batch)["tasks"]:
                    service = names.get(task.get("group", "").removeprefix("service:"))
                    if service is not None:
                        by_service[service].append(task)
        return by_service

    def _by_cluster(self) -> dict[str, dict[str, str]]:
        """Group the services by cluster, by their ECS names."""
        by_service: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for place in self._places:
            by_service[place.stack.cluster][place.stack.service] = place.service
        return by_service

    def last_line(self, place: ServicePlace, stopped: Stopped) -> str | None:
        """Return the last log line of a stopped task's container with one call; None if there is
        none.

        Copilot's templates begin the names of log streams with `copilot`.
        """
        if place.stack.log_group is None:
            return None
        stream = f"copilot/{stopped.container}/{stopped.task}"
        answer = self._logs.get_log_events(
            logGroupName=place.stack.log_group, logStreamName=stream, limit=_LINES
        )
        events = [
            LogEvent(event["timestamp"], place.service, stream, "", event["message"])
            for event in answer["events"]
        ]
        return answers.last_line_of(events)
