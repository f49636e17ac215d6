"""ECS/ContainerInsights: the counts of clusters whose setting `containerInsights` is on.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
The use of processors and memory is not in it: AWS/ECS has that of the same processes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.control.cloudwatch.samples import samples_of
from ops.local.metrics.store import metric

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moto.ecs.models import EC2ContainerServiceBackend

    from ops.control.undocumented import Choices
    from ops.local.metrics.store import Store

_NAMESPACE = "ECS/ContainerInsights"
_ON = frozenset({"enabled", "enhanced"})


class InsightMetrics:
    """Publishes the counts of tasks, deployments and services."""

    def __init__(self, backend: EC2ContainerServiceBackend, store: Store, choices: Choices) -> None:
        self._backend = backend
        self._store = store
        self._choices = choices

    def publish(self, minute: float) -> None:
        """Publish the minute that begins at a time and has just ended."""
        visible = minute + 60 + self._choices.delays.ecs
        for cluster in list(self._backend.clusters.values()):
            if not _is_on(cluster):
                continue
            for name, dimensions, value in self._counts(cluster):
                what = metric(_NAMESPACE, name, {"ClusterName": cluster.name, **dimensions})
                samples = samples_of([float(value)])
                self._store.put(what, minute, samples, visible=visible, unit="Count")

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


def _is_on(cluster: Any) -> bool:
    return any(
        setting.get("name") == "containerInsights" and setting.get("value") in _ON
        for setting in cluster.settings or ()
    )
