"""AWS/ApplicationELB: the health of targets, and the requests that were served.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
Counts of errors are only reported where there are any. A target in `initial` or `draining` is in
neither count of hosts. Requests come in real time: a minute of the control plane has those of the
last real minute.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from ops.control.cloudwatch.samples import samples_of
from ops.local.metrics.store import metric

if TYPE_CHECKING:
    from collections.abc import Iterable

    from moto.elbv2.models import ELBv2Backend

    from ops.control.undocumented import Choices
    from ops.local.fargate.balancers.requests import Answer, Requests
    from ops.local.metrics.store import Store

_NAMESPACE = "AWS/ApplicationELB"


class TargetMetrics:
    """Publishes the metrics of a region's load balancers."""

    def __init__(
        self, backend: ELBv2Backend, requests: Requests, store: Store, choices: Choices
    ) -> None:
        self._backend = backend
        self._requests = requests
        self._store = store
        self._choices = choices

    def publish(self, minute: float) -> None:
        """Publish the metrics of the minute that began at `minute` and has just ended."""
        for arn, group in list(self._backend.target_groups.items()):
            self._publish_hosts(minute, arn, group)
        answers: dict[tuple[str, str | None], list[Answer]] = defaultdict(list)
        for balancer, answer in self._requests.recent():
            answers[balancer, None].append(answer)
            if answer.group is not None:
                answers[balancer, answer.group].append(answer)
        for (balancer, target_group), group_answers in answers.items():
            self._publish_answers(minute, _dimensions(balancer, target_group), group_answers)
            if target_group is not None:
                self._publish_share(
                    minute, _dimensions(balancer, target_group), target_group, group_answers
                )

    def _publish_hosts(self, minute: float, arn: str, group: Any) -> None:
        states = Counter(health.state for health in _health(group).values())
        healthy, unhealthy = states["healthy"], states["unhealthy"]
        if not healthy and not unhealthy:
            return
        for balancer in group.load_balancer_arns:
            dimensions = _dimensions(balancer, arn)
            self._put(minute, "HealthyHostCount", dimensions, [healthy], "Count")
            self._put(minute, "UnHealthyHostCount", dimensions, [unhealthy], "Count")

    def _publish_share(
        self, minute: float, dimensions: dict[str, str], arn: str, answers: list[Answer]
    ) -> None:
        """Publish the requests per healthy target, by which a policy may scale.

        Its only valid statistic is Sum, which then is the average. If no target is healthy, the
        load balancer sends requests to all of them.
        """
        group = self._backend.target_groups.get(arn)
        states = Counter(health.state for health in _health(group).values())
        hosts = states["healthy"] or states["unhealthy"] or 1
        share = [len(answers) / hosts]
        for names in (dimensions, {"TargetGroup": dimensions["TargetGroup"]}):
            self._put(minute, "RequestCountPerTarget", names, share, "Count")

    def _publish_answers(
        self, minute: float, dimensions: dict[str, str], answers: list[Answer]
    ) -> None:
        chosen = [answer for answer in answers if answer.group is not None]
        if chosen:
            self._put(minute, "RequestCount", dimensions, [1.0] * len(chosen), "Count")
        times = [answer.seconds for answer in answers if answer.is_targets]
        if times:
            self._put(minute, "TargetResponseTime", dimensions, times, "Seconds")
        codes = Counter(
            f"HTTPCode_{'Target' if answer.is_targets else 'ELB'}_{answer.status // 100}XX_Count"
            for answer in answers
        )
        for name, number in codes.items():
            self._put(minute, name, dimensions, [1.0] * number, "Count")

    def _put(
        self,
        minute: float,
        name: str,
        dimensions: dict[str, str],
        values: Iterable[float],
        unit: str,
    ) -> None:
        visible = minute + 60 + self._choices.delays.balancer
        what = metric(_NAMESPACE, name, dimensions)
        self._store.put(what, minute, samples_of(values), visible=visible, unit=unit)


def _health(group: Any) -> dict[Any, Any]:
    """Return the reported health of a target group's targets; nothing of one that is gone."""
    health: dict[Any, Any] = vars(group).get("reported_health", {}) if group is not None else {}
    return health


def _dimensions(balancer: str, group: str | None) -> dict[str, str]:
    """Return dimensions as AWS writes them: `app/NAME/ID` and `targetgroup/NAME/ID`."""
    dimensions = {"LoadBalancer": balancer.rpartition(":loadbalancer/")[2]}
    if group is not None:
        dimensions["TargetGroup"] = group.rpartition(":")[2]
    return dimensions
