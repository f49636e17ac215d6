"""ECS/ContainerInsights: the metrics of clusters whose setting `containerInsights` is on.

Counts, and the CPU units and megabytes that tasks use and reserve: by cluster, by service and by
the family of the task definition. What a task does not reserve is not reported.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
Network and storage are not in it: a task's processes share those of this machine.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ops.control.cloudwatch.samples import samples_of
from ops.local.metrics.store import metric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from moto.ecs.models import EC2ContainerServiceBackend

    from ops.control.undocumented import Choices
    from ops.local.loop.publish.tasks import Measurement
    from ops.local.metrics.store import Store

_NAMESPACE = "ECS/ContainerInsights"
_Series = tuple[str, tuple[tuple[str, str], ...], str]
"""A name, dimensions and a unit."""
_ON = frozenset({"enabled", "enhanced"})


class InsightMetrics:
    """Publishes the counts of tasks, deployments and services, and the resources that tasks use.

    :param measurements: returns what each running task has used in the minute that has ended
    """

    def __init__(
        self,
        backend: EC2ContainerServiceBackend,
        measurements: Callable[[], Iterable[Measurement]],
        store: Store,
        choices: Choices,
    ) -> None:
        self._backend = backend
        self._measurements = measurements
        self._store = store
        self._choices = choices

    def publish(self, minute: float) -> None:
        """Publish the metrics of the minute that began at `minute` and has just ended."""
        for cluster in list(self._backend.clusters.values()):
            if not _is_on(cluster):
                continue
            for name, dimensions, value in self._counts(cluster):
                named = {"ClusterName": cluster.name, **dimensions}
                self._put(name, named, [float(value)], "Count", minute)
            for (name, place, unit), values in self._uses(cluster.name).items():
                self._put(name, dict(place), values, unit, minute)

    def _put(
        self, name: str, dimensions: dict[str, str], values: list[float], unit: str, minute: float
    ) -> None:
        what = metric(_NAMESPACE, name, dimensions)
        visible = minute + 60 + self._choices.delays.ecs
        self._store.put(what, minute, samples_of(values), visible=visible, unit=unit)

    def _uses(self, cluster: str) -> dict[_Series, list[float]]:
        """Return the values of every running task, by each series that they belong to."""
        series: dict[_Series, list[float]] = defaultdict(list)
        for measurement in self._measurements():
            task = measurement.task
            if task.cluster != cluster:
                continue
            named = ("ClusterName", cluster)
            places = [
                (named,),
                (named, ("ServiceName", task.service)),
                (named, ("TaskDefinitionFamily", task.family)),
            ]
            for name, unit, value in _values(measurement):
                for place in places:
                    series[name, place, unit].append(value)
        return series

    def _counts(self, cluster: Any) -> Iterator[tuple[str, dict[str, str], int]]:
        services: list[Any] = [
            service
            for service in list(self._backend.services.values())
            if service.cluster_arn == cluster.arn and service.status == "ACTIVE"
        ]
        yield "ServiceCount", {}, len(services)
        yield "TaskCount", {}, sum(int(service.running_count or 0) for service in services)
        for service in services:
            dimensions = {"ServiceName": str(service.name)}
            yield "DesiredTaskCount", dimensions, int(service.desired_count or 0)
            yield "RunningTaskCount", dimensions, int(service.running_count or 0)
            yield "PendingTaskCount", dimensions, int(service.pending_count or 0)
            yield "DeploymentCount", dimensions, len(service.deployments or ())


def _values(measurement: Measurement) -> Iterator[tuple[str, str, float]]:
    """Yield names, units and values. CPU is in units of 1/1024 of a processor, without a unit."""
    task = measurement.task
    if task.cpu:
        yield "CpuUtilized", "None", measurement.cpu / 100 * task.cpu
        yield "CpuReserved", "None", task.cpu
    if task.memory:
        yield "MemoryUtilized", "Megabytes", measurement.memory
        yield "MemoryReserved", "Megabytes", task.memory


def _is_on(cluster: Any) -> bool:
    return any(
        setting.get("name") == "containerInsights" and setting.get("value") in _ON
        for setting in cluster.settings or ()
    )
