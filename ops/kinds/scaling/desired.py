"""The desired scaling policies of a service. Pure: settings and names in, properties out.

Properties are the parameters of PutScalingPolicy and, under `Alarm`, those of PutMetricAlarm for
the alarm that a step policy needs and that AWS does not create:
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ops.base.errors import OpsError
from ops.copilot.place import ServicePlace
from ops.kinds.scaling import metrics, steps
from ops.kinds.scaling.findings import findings
from ops.kinds.scaling.minimum.desired import minimum
from ops.kinds.scaling.settings import (
    BacklogPerTask,
    LoadPerTask,
    Proportional,
    PublishedLoad,
    QueueDepth,
    Settings,
    Step,
)
from ops.plan.model import Json, Resource

# Policies have no tags: this prefix marks those that `ops` created.
PREFIX = "ops-"

# Alarms of step policies notify nobody, and the kind `alarms` must not delete them.
MANAGED_BY_SCALING = {"managed-by": "ops-scaling"}

ALARM = "Alarm"
# The policy that the alarm invokes, by name, because its ARN is not known before.
INVOKES = "ScalingPolicy"


def desired(settings: Settings, place: ServicePlace) -> list[Resource]:
    """Return the policies and minimums that the service's `ops.yml` declares.

    Raise OpsError if the service has no scalable target of Copilot's, or no queue, or if a minimum
    is not possible.
    """
    policies = dict(_Policies(settings, place).all())
    if (policies or settings.minimum) and place.stack.scalable_target is None:
        raise OpsError(
            f"The service `{place.service}` has a fixed count, so nothing can scale it",
            f"Give it a range in copilot/{place.service}/manifest.yml, such as "
            "`count: {range: 2-20, …}`, and deploy it.",
        )
    tags = {**place.tags, **MANAGED_BY_SCALING}
    return [
        *(Resource(policy_name(place, name), policy, tags) for name, policy in policies.items()),
        *minimum(settings, place),
    ]


def warnings(settings: Settings, place: ServicePlace) -> list[str]:
    """Return warnings about settings that AWS accepts."""
    return [f"`{place.service}`: {finding}" for finding in findings(settings, place.workload)]


def policy_name(place: ServicePlace, short_name: str) -> str:
    """Return the name in plans: `<service>/<policy>`. In AWS, policies of services share names."""
    return f"{place.service}/{PREFIX}{short_name}"


def alarm_name(place: ServicePlace, policy: str) -> str:
    """Return the name of a step policy's alarm, unique in an account and region."""
    return f"{PREFIX}{place.application}-{place.environment}-{place.service}-{policy}"


Policy = tuple[str, dict[str, Json]]


@dataclass(frozen=True)
class _Alarm:
    """The condition that invokes a step policy."""

    metrics: metrics.Metrics
    comparison: str
    threshold: float
    periods: int
    what: str  # begins its description


@dataclass(frozen=True)
class _Policies:
    settings: Settings
    place: ServicePlace

    def all(self) -> Iterator[Policy]:
        settings = self.settings
        if settings.queue_depth is not None:
            yield "queue-depth", self._queue_depth(settings.queue_depth)
        if settings.backlog_per_task is not None:
            yield "backlog-per-task", self._backlog_per_task(settings.backlog_per_task)
        if settings.load_per_task is not None:
            yield from self._load_per_task(settings.load_per_task)
        if settings.published_load is not None:
            yield from self._published_load(settings.published_load)
        for name, step in settings.step.items():
            yield self._step(f"step-{name}", step)

    def _queue(self, named: str | None) -> str:
        if named is not None:
            return named
        if self.place.queue is not None:
            return self.place.queue.name
        raise OpsError(
            f"`{self.place.service}` scales by a queue, but has none",
            f"Declare it in copilot/{self.place.service}/ops.yml: `queue: {{name: my-jobs}}`.",
        )

    def _queue_depth(self, depth: QueueDepth) -> dict[str, Json]:
        specification: dict[str, Json] = {
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": self._queue(depth.queue)}],
            "Statistic": "Average",
            "Metrics": None,
        }
        return _tracking(depth, depth.target, specification)

    def _backlog_per_task(self, backlog: BacklogPerTask) -> dict[str, Json]:
        queue, stack = self._queue(backlog.queue), self.place.stack
        specification: dict[str, Json] = {
            "Namespace": None,
            "MetricName": None,
            "Dimensions": None,
            "Statistic": None,
            "Metrics": metrics.backlog_per_task(queue, stack, in_flight=backlog.in_flight),
        }
        return _tracking(backlog, backlog.messages_per_task, specification)

    def _load_per_task(self, load: LoadPerTask) -> Iterator[Policy]:
        queue, stack = self._queue(load.queue), self.place.stack
        seconds = load.seconds_per_task / load.concurrency
        now = metrics.load(queue, stack, seconds, load.drain_within)
        with_fewer = metrics.load_with_one_task_fewer(
            queue, stack, seconds, load.drain_within, last_task=load.scale_in_below
        )
        yield from self._proportional("load", load, now, with_fewer)

    def _published_load(self, load: PublishedLoad) -> Iterator[Policy]:
        now = metrics.published(load, load.metric)
        with_fewer = metrics.published(load, load.metric_with_one_task_fewer or load.metric)
        yield from self._proportional("published-load", load, now, with_fewer)

    def _proportional(
        self, name: str, load: Proportional, now: metrics.Metrics, with_fewer: metrics.Metrics
    ) -> Iterator[Policy]:
        above, below = load.scale_out_above, load.scale_in_below
        out = _Alarm(now, "GreaterThanThreshold", above, load.scale_out_after, "Adds tasks")
        yield self._invoked(
            f"{name}-out",
            out,
            "PercentChangeInCapacity",
            steps.adding(above, load.target, self.place.workload.tasks),
            load.scale_out_cooldown,
        )
        if not load.scale_in:
            return
        in_ = _Alarm(with_fewer, "LessThanThreshold", below, load.scale_in_after, "Removes tasks")
        yield self._invoked(
            f"{name}-in",
            in_,
            "PercentChangeInCapacity",
            steps.removing(below, load.target, load.scale_in_at_most),
            load.scale_in_cooldown,
        )

    def _step(self, name: str, step: Step) -> Policy:
        queue = self._queue(step.queue)
        watched = {
            "visible": metrics.visible,
            "unclaimed": metrics.unclaimed,
            "age": metrics.age,
        }[step.by](queue)
        comparison = "GreaterThanOrEqualToThreshold"
        alarm = _Alarm(watched, comparison, float(min(step.add)), step.after, "Adds tasks")
        added = steps.counting(step.add)
        return self._invoked(name, alarm, "ChangeInCapacity", added, step.cooldown)

    def _invoked(
        self,
        name: str,
        alarm: _Alarm,
        adjustment: str,
        adjustments: Sequence[Json],
        cooldown: int,
    ) -> Policy:
        """Return a step policy with its alarm."""
        return name, {
            "PolicyType": "StepScaling",
            "StepScalingPolicyConfiguration": {
                "AdjustmentType": adjustment,
                "StepAdjustments": adjustments,
                "Cooldown": cooldown,
                "MetricAggregationType": "Average",
            },
            ALARM: {
                INVOKES: f"{PREFIX}{name}",
                "AlarmName": alarm_name(self.place, name),
                "AlarmDescription": f"{alarm.what} of the service {self.place.service}; no "
                f"action needed. (ops: copilot/{self.place.service}/ops.yml, scaling)",
                "Metrics": alarm.metrics,
                "ComparisonOperator": alarm.comparison,
                "Threshold": alarm.threshold,
                "EvaluationPeriods": alarm.periods,
                "TreatMissingData": "missing",  # without data the count stays as it is
            },
        }


def _tracking(
    tracking: QueueDepth | BacklogPerTask, target: float, specification: Mapping[str, Json]
) -> dict[str, Json]:
    cooldowns = {
        "ScaleOutCooldown": tracking.scale_out_cooldown,
        "ScaleInCooldown": tracking.scale_in_cooldown,
    }
    return {
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "CustomizedMetricSpecification": specification,
            "PredefinedMetricSpecification": None,
            "TargetValue": target,
            "DisableScaleIn": not tracking.scale_in,
            **{name: value for name, value in cooldowns.items() if value is not None},
        },
    }
