"""The running state of an environment: the only code that reads it, with `ops.oncall.status.tasks`.

For few services everything is read: besides the batches, one call for each target group, two to
four for each queue, three for each service that scales. For `MANY` services and more, only batch
calls are made: ten services or 100 tasks, alarms and tagged resources a call, 500 metrics, 50
scaling activities and scheduled actions, ten policies. That is less than one call a service.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from ops.aws.access import Access
from ops.aws.alarms import describe_alarms
from ops.aws.autoscaling.remote import AutoScaling, scaling_access
from ops.aws.autoscaling.values import ScalableTarget, ScalingPolicy
from ops.aws.client import MANY, AwsError, explain, side_by_side
from ops.base.errors import OpsError
from ops.copilot.deployed import Deployed
from ops.copilot.place import ServicePlace
from ops.copilot.workload import Queue
from ops.oncall.queue.metrics import AGE, DELAYED, DELETED, IN_FLIGHT, SENT, VISIBLE, Metric
from ops.oncall.queue.remote import Queues
from ops.oncall.queue.state import QueueState
from ops.oncall.status import answers
from ops.oncall.status.assembly import Key, Parts, assemble
from ops.oncall.status.releases import with_task
from ops.oncall.status.snapshot import Alarm, Counts, Health, Part, Snapshot
from ops.oncall.status.tasks.remote import Ecs
from ops.release.aws.journal import read_last
from ops.release.decisions.record import Last

BALANCING = Access("elbv2", ("DescribeTargetHealth",))
ALARMS = Access("cloudwatch", ("DescribeAlarms",))
SCALING = scaling_access(
    reads=(
        "DescribeScalableTargets",
        "DescribeScalingPolicies",
        "DescribeScalingActivities",
        "DescribeScheduledActions",
    )
)

_ACTIVITIES = 20  # the newest of a service
_ATTEMPTS = 300  # with those that came to nothing, of which there may be one a minute

Found = TypeVar("Found")


class Reader:
    """Reads a whole environment, as often as needed.

    `thorough` also reads why AWS did not scale.
    """

    def __init__(self, deployed: Deployed, *, thorough: bool = False) -> None:
        self._deployed = deployed
        self._places = deployed.services
        self._thorough = thorough
        self._is_overview = len(self._places) >= MANY
        self._target_ids = [place.stack.target_id for place in self._places]
        # Made here, in one thread: a botocore session makes clients one at a time.
        aws = deployed.aws
        self._aws, self._elb = aws, aws.client(BALANCING)
        self._cloudwatch, self._scaling = aws.client(ALARMS), AutoScaling(aws, SCALING)
        self._ecs = Ecs(aws, self._places)
        self._queues = Queues(aws)

    def read(self, now: datetime) -> Snapshot:
        """Read everything concurrently, then the parts that depend on it."""
        parts = self._done({**self._batched(now), **self._one_by_one()})
        if not isinstance(parts["targets", ""], OpsError) and parts["targets", ""]:
            parts |= self._done(self._of_targets(parts["targets", ""]))
        parts |= self._done({("alarms", ""): lambda: self._alarms(parts), **self._failed(parts)})
        return assemble(self._deployed, parts, now, is_overview=self._is_overview)

    def _done(self, jobs: Mapping[Key, Callable[[], Any]]) -> dict[Key, Any]:
        return dict(zip(jobs, side_by_side(_attempt, jobs.values()), strict=True))

    def _batched(self, now: datetime) -> dict[Key, Callable[[], Any]]:
        return {
            ("counts", ""): self._ecs.counts,
            ("health", ""): self._ecs.running,
            ("stopped", ""): self._ecs.stopped,
            # Off-hours register targets of services that Copilot does not scale.
            ("targets", ""): lambda: self._scaling.targets(self._target_ids),
            ("tagged", ""): self._tagged,
            ("release", ""): self._release,
            ("measured", ""): lambda: self._measured(now),
        }

    def _one_by_one(self) -> dict[Key, Callable[[], Any]]:
        jobs: dict[Key, Callable[[], Any]] = {}
        for place in () if self._is_overview else self._places:
            name = place.service
            if place.stack.target_group is not None:
                jobs["balanced", name] = lambda place=place: self._balanced(place)  # type: ignore[misc]
            if (queue := place.queue) is not None:
                jobs["queue", name] = lambda queue=queue: self._queue(queue)  # type: ignore[misc]
        return jobs

    def _of_targets(
        self, targets: Mapping[str, ScalableTarget]
    ) -> dict[Key, Callable[[], Sequence[object]]]:
        """Read the policies, actions and activities of scalable targets, by resource ID."""
        most = _ATTEMPTS if self._thorough else _ACTIVITIES
        scaling, thorough = self._scaling, self._thorough
        return {
            ("policies", ""): lambda: scaling.policies(targets),
            ("scheduled", ""): lambda: scaling.actions(targets),
            ("activities", ""): lambda: scaling.activities(targets, most, not_scaled=thorough),
        }

    def _failed(self, parts: Parts) -> dict[Key, Callable[[], Any]]:
        """Read the last log line for each service whose last deployment failed: one call each."""
        counts, stopped = parts["counts", ""], parts["stopped", ""]
        jobs: dict[Key, Callable[[], Any]] = {}
        for place in () if isinstance(counts, OpsError) else self._places:
            count: Counts | None = counts.get(place.service)
            if count is None or count.failure is None or isinstance(stopped, OpsError):
                continue
            failure, task = with_task(count.failure, stopped[place.service])
            jobs["failure", place.service] = lambda place=place, failure=failure, task=task: (
                replace(  # type: ignore[misc]
                    failure, last_line=task and self._ecs.last_line(place, task)
                )
            )
        return jobs

    def _queue(self, queue: Queue) -> QueueState:
        return self._queues.state(queue.name, dead_letters=queue.dead_letters)

    def _measured(self, now: datetime) -> dict[tuple[str, Metric], list[float]]:
        """Read age and rates of all queues; for an overview also the message counts, which SQS
        returns only one queue at a time.
        """
        queues = [place.queue for place in self._places if place.queue is not None]
        counts = (VISIBLE, IN_FLIGHT, DELAYED) if self._is_overview else ()
        requested = [
            (queue.name, metric) for queue in queues for metric in (AGE, SENT, DELETED, *counts)
        ]
        if self._is_overview:
            requested += [(queue.dead_letters, VISIBLE) for queue in queues if queue.dead_letters]
        return self._queues.measured(requested, now)

    def _balanced(self, place: ServicePlace) -> Health:
        stack = place.stack
        arn = (
            f"arn:{stack.partition}:elasticloadbalancing:{stack.region}:{stack.account}"
            f":{stack.target_group}"
        )
        return answers.targets_of(self._elb.describe_target_health(TargetGroupArn=arn))

    def _release(self) -> Last | None:
        return read_last(self._aws, self._deployed.application, self._deployed.environment)

    def _tagged(self) -> dict[str, str]:
        """Return the tagged alarms by name, with the service in the tag, regardless of owner."""
        tags = {
            "copilot-application": self._deployed.application,
            "copilot-environment": self._deployed.environment,
        }
        return {
            arn.split(":alarm:", 1)[1]: tagged.get("copilot-service", "")
            for arn, tagged in self._aws.tagged("cloudwatch:alarm", tags).items()
        }

    def _alarms(self, parts: Parts) -> dict[str, Alarm]:
        """Read the alarms tagged with a service, and the alarms of its policies."""
        tagged: Part[Mapping[str, str]] = parts["tagged", ""]
        policies: Part[Sequence[ScalingPolicy]] = parts.get(("policies", ""), ())
        services = {place.service for place in self._places}
        names: set[str] = set()
        if not isinstance(tagged, OpsError):
            names.update(name for name, service in tagged.items() if service in services)
        if not isinstance(policies, OpsError):
            names.update(name for policy in policies for name in policy.alarms)
        alarms = describe_alarms(self._cloudwatch, names)
        return {alarm["AlarmName"]: answers.alarm_of(alarm) for alarm in alarms}


def _attempt(job: Callable[[], Found]) -> Part[Found]:
    try:
        return job()
    except (OpsError, *AwsError) as error:
        return explain(error)
