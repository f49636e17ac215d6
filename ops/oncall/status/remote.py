"""What runs in an environment: the only code that asks for it.

Besides one call for each stack: one for ten services, one for 100 tasks and one to list them, one
for the scalable targets, one for 100 tagged resources, one for 100 alarms, one for all queues'
ages; three for each service that scales, one for each target group, two to four for each queue.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from ops.aws.access import Access
from ops.aws.client import AwsError, explain, in_batches, side_by_side
from ops.base.errors import OpsError
from ops.copilot.place import ServicePlace
from ops.copilot.services import Deployed
from ops.copilot.workload import Queue
from ops.oncall.queue.remote import Queues
from ops.oncall.queue.state import QueueState
from ops.oncall.status import answers
from ops.oncall.status.assembly import Key, Parts, assemble
from ops.oncall.status.snapshot import (
    Activity,
    Alarm,
    Counts,
    Health,
    Part,
    Policy,
    Scheduled,
    Snapshot,
    Stopped,
)

ECS = Access("ecs", ("DescribeServices", "ListTasks", "DescribeTasks"))
BALANCING = Access("elbv2", ("DescribeTargetHealth",))
ALARMS = Access("cloudwatch", ("DescribeAlarms",))
TAGS = Access("resourcegroupstaggingapi", ("GetResources",))
SCALING = Access(
    "application-autoscaling",
    (
        "DescribeScalableTargets",
        "DescribeScalingPolicies",
        "DescribeScalingActivities",
        "DescribeScheduledActions",
    ),
)
_SERVICES_AT_ONCE, _TASKS_AT_ONCE, _ALARMS_AT_ONCE, _TARGETS_AT_ONCE = 10, 100, 100, 50
_RESOURCES_AT_ONCE = 100
_ACTIVITIES = 20  # the newest
_ATTEMPTS = 300  # with those that came to nothing, of which there may be one a minute

Found = TypeVar("Found")


class Reader:
    """Asks for everything of an environment, as often as wanted.

    `thorough` also asks why AWS did not scale, and which tasks stopped by themselves: two calls
    more for each service.
    """

    def __init__(self, deployed: Deployed, *, thorough: bool = False) -> None:
        self._deployed = deployed
        self._places = deployed.services
        self._thorough = thorough
        # Made here, in one thread: a botocore session makes clients one at a time.
        aws = deployed.aws
        self._ecs, self._elb = aws.client(ECS), aws.client(BALANCING)
        self._cloudwatch, self._tags = aws.client(ALARMS), aws.client(TAGS)
        self._scaling = aws.client(SCALING)
        self._queues = Queues(aws)

    def read(self, now: datetime) -> Snapshot:
        """Everything, side by side."""
        jobs = self._jobs(now)
        results = side_by_side(_attempt, jobs.values())
        parts = dict(zip(jobs, results, strict=True))
        parts["alarms", ""] = _attempt(lambda: self._alarms(parts))
        return assemble(self._deployed, parts, now)

    def _jobs(self, now: datetime) -> dict[Key, Callable[[], Any]]:
        jobs: dict[Key, Callable[[], Any]] = {
            ("counts", ""): self._counts,
            ("health", ""): self._health,
            ("targets", ""): self._scalable_targets,
            ("tagged", ""): self._tagged,
            ("ages", ""): lambda: self._ages(now),
        }
        for place in self._places:
            name, stack = place.service, place.stack
            if stack.target_group is not None:
                jobs["balanced", name] = lambda place=place: self._balanced(place)  # type: ignore[misc]
            if self._thorough:
                jobs["stopped", name] = lambda place=place: self._stopped(place)  # type: ignore[misc]
            if (queue := place.queue) is not None:
                jobs["queue", name] = lambda queue=queue: self._queue(queue)  # type: ignore[misc]
            if (target := stack.scalable_target) is not None:
                for what, ask in (
                    ("policies", self._policies),
                    ("activities", self._activities),
                    ("scheduled", self._scheduled),
                ):
                    jobs[what, name] = lambda ask=ask, target=target: ask(target)  # type: ignore[misc]
        return jobs

    def _queue(self, queue: Queue) -> QueueState:
        return self._queues.state(queue.name, dead_letters=queue.dead_letters)

    def _counts(self) -> dict[str, Counts]:
        found: dict[str, Counts] = {}
        for cluster, names in self._by_cluster().items():
            for batch in in_batches(sorted(names), _SERVICES_AT_ONCE):
                answer = self._ecs.describe_services(cluster=cluster, services=batch)
                for each in answer["services"]:
                    found[names[each["serviceName"]]] = answers.counts_of(each)
        return found

    def _health(self) -> dict[str, Health]:
        tasks: defaultdict[str, list[Any]] = defaultdict(list)
        for cluster, names in self._by_cluster().items():
            pages = self._ecs.get_paginator("list_tasks").paginate(
                cluster=cluster, desiredStatus="RUNNING"
            )
            arns = [arn for page in pages for arn in page["taskArns"]]
            for batch in in_batches(arns, _TASKS_AT_ONCE):
                for task in self._ecs.describe_tasks(cluster=cluster, tasks=batch)["tasks"]:
                    service = names.get(task.get("group", "").removeprefix("service:"))
                    if service is not None and task["lastStatus"] == "RUNNING":
                        tasks[service].append(task)
        return {place.service: answers.health_of(tasks[place.service]) for place in self._places}

    def _stopped(self, place: ServicePlace) -> tuple[Stopped, ...]:
        """ECS tells stopped tasks for an hour; the latest 100 of them."""
        cluster = place.stack.cluster
        arns = self._ecs.list_tasks(
            cluster=cluster, serviceName=place.stack.service, desiredStatus="STOPPED"
        )["taskArns"]
        if not arns:
            return ()
        tasks = self._ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]
        stopped = [answers.stopped_of(task) for task in tasks if task["lastStatus"] == "STOPPED"]
        return tuple(each for each in stopped if each is not None)

    def _by_cluster(self) -> dict[str, dict[str, str]]:
        """For each cluster, the services by their names in ECS."""
        found: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for place in self._places:
            found[place.stack.cluster][place.stack.service] = place.service
        return found

    def _scalable_targets(self) -> dict[str, Any]:
        wanted = [p.stack.scalable_target for p in self._places if p.stack.scalable_target]
        found: dict[str, Any] = {}
        for batch in in_batches(wanted, _TARGETS_AT_ONCE):
            answer = self._scaling.describe_scalable_targets(
                ServiceNamespace="ecs", ResourceIds=batch
            )
            found |= {each["ResourceId"]: each for each in answer["ScalableTargets"]}
        return found

    def _policies(self, target: str) -> tuple[Policy, ...]:
        pages = self._scaling.get_paginator("describe_scaling_policies").paginate(
            ServiceNamespace="ecs", ResourceId=target
        )
        return tuple(answers.policy_of(each) for page in pages for each in page["ScalingPolicies"])

    def _activities(self, target: str) -> tuple[Activity, ...]:
        pages = self._scaling.get_paginator("describe_scaling_activities").paginate(
            ServiceNamespace="ecs",
            ResourceId=target,
            IncludeNotScaledActivities=self._thorough,
            PaginationConfig={"MaxItems": _ATTEMPTS if self._thorough else _ACTIVITIES},
        )
        found = [answers.activity_of(each) for page in pages for each in page["ScalingActivities"]]
        return tuple(sorted(found, key=lambda each: each.began, reverse=True))

    def _scheduled(self, target: str) -> tuple[Scheduled, ...]:
        pages = self._scaling.get_paginator("describe_scheduled_actions").paginate(
            ServiceNamespace="ecs", ResourceId=target
        )
        return tuple(
            answers.scheduled_of(each) for page in pages for each in page["ScheduledActions"]
        )

    def _balanced(self, place: ServicePlace) -> Health:
        stack = place.stack
        arn = (
            f"arn:{stack.partition}:elasticloadbalancing:{stack.region}:{stack.account}"
            f":{stack.target_group}"
        )
        return answers.targets_of(self._elb.describe_target_health(TargetGroupArn=arn))

    def _ages(self, now: datetime) -> dict[str, float]:
        names = [place.queue.name for place in self._places if place.queue]
        return self._queues.ages(names, now) if names else {}

    def _tagged(self) -> dict[str, str]:
        """Alarms by name, with the service whose tag they carry; whoever made them."""
        pages = self._tags.get_paginator("get_resources").paginate(
            ResourceTypeFilters=["cloudwatch:alarm"],
            TagFilters=[
                {"Key": "copilot-application", "Values": [self._deployed.application]},
                {"Key": "copilot-environment", "Values": [self._deployed.environment]},
            ],
            ResourcesPerPage=_RESOURCES_AT_ONCE,
        )
        found: dict[str, str] = {}
        for page in pages:
            for each in page["ResourceTagMappingList"]:
                tags = {tag["Key"]: tag["Value"] for tag in each["Tags"]}
                name = each["ResourceARN"].split(":alarm:", 1)[1]
                found[name] = tags.get("copilot-service", "")
        return found

    def _alarms(self, parts: Parts) -> dict[str, Alarm]:
        """Those tagged as a service's and those of its policies."""
        tagged = parts["tagged", ""]
        services = {place.service for place in self._places}
        names: set[str] = set()
        if not isinstance(tagged, OpsError):
            names.update(name for name, service in tagged.items() if service in services)
        for (what, _), part in parts.items():
            if what == "policies" and not isinstance(part, OpsError):
                names.update(name for policy in part for name in policy.alarms)
        found: dict[str, Alarm] = {}
        for batch in in_batches(sorted(names), _ALARMS_AT_ONCE):
            answer = self._cloudwatch.describe_alarms(
                AlarmNames=batch,
                AlarmTypes=["MetricAlarm", "CompositeAlarm"],
                MaxRecords=_ALARMS_AT_ONCE,
            )
            for each in (*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])):
                found[each["AlarmName"]] = answers.alarm_of(each)
        return found


def _attempt(job: Callable[[], Found]) -> Part[Found]:
    try:
        return job()
    except (OpsError, *AwsError) as error:
        return explain(error)
