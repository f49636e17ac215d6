"""Why a deployment failed: CloudFormation's and ECS's reasons, and the last log lines."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from ops.aws.access import Access
from ops.aws.client import Aws, AwsError, in_batches
from ops.copilot.stacks import has_stack

STACKS = Access("cloudformation", reads=("DescribeStackEvents", "ListStackResources"))
TASKS = Access(
    "ecs",
    reads=(
        "DescribeServices",
        "DescribeServiceDeployments",
        "DescribeTasks",
        "ListServiceDeployments",
        "ListTasks",
    ),
)
LOGS = Access("logs", reads=("GetLogEvents",))

_LINES = 8  # of the log of a failed container
_TASKS_AT_ONCE = 100  # the most that DescribeTasks takes
_CONSEQUENCE = "cancelled"  # of a resource: another one failed


class Reasons:
    """Reads the reasons of failures in one environment."""

    def __init__(self, aws: Aws, application: str, environment: str) -> None:
        self._aws = aws
        self._prefix = f"{application}-{environment}-"
        self._stacks: Any = aws.client(STACKS)
        self._ecs: Any = aws.client(TASKS)
        self._logs: Any = aws.client(LOGS)

    def of(self, workload: str, arn: str | None, since: datetime) -> list[str]:
        """Return lines about what failed since a moment; none if AWS gives none.

        They only explain a failure that is known already, so an error here hides nothing.
        """
        try:
            if not has_stack(self._aws, f"{self._prefix}{workload}"):
                return []
            lines = list(self._stack(workload, since))
            return [*lines, *(self.of_tasks(workload, arn, since) if arn else ())]
        except AwsError:
            return []

    def _stack(self, workload: str, since: datetime) -> Iterator[str]:
        answer = self._stacks.describe_stack_events(StackName=f"{self._prefix}{workload}")
        for event in reversed(answer["StackEvents"]):
            reason = event.get("ResourceStatusReason", "")
            failed = event["ResourceStatus"].endswith("_FAILED")
            if event["Timestamp"] >= since and failed and _CONSEQUENCE not in reason:
                yield f"{event['LogicalResourceId']} ({event['ResourceType']}): {_first(reason)}"

    def of_tasks(self, workload: str, arn: str, since: datetime) -> Iterator[str]:
        """Yield ECS's reason, and how the last failed task of a service stopped."""
        _, cluster, name = arn.split("/")
        [service] = self._ecs.describe_services(cluster=cluster, services=[arn])["services"]
        for event in reversed(service.get("events", ())):
            if event["createdAt"] >= since and "failed" in event["message"]:
                yield f"ECS: {event['message']}"
        yield from self._rollback(cluster, arn, since)
        task = last_failed(self._stopped(cluster, name), since)
        if task is not None:
            yield from self.of_task(task, f"/copilot/{self._prefix}{workload}")

    def _rollback(self, cluster: str, arn: str, since: datetime) -> Iterator[str]:
        """Yield why ECS rolled the last deployment back, with the alarms that fired."""
        listed = self._ecs.list_service_deployments(cluster=cluster, service=arn)
        arns = [
            deployment["serviceDeploymentArn"]
            for deployment in listed["serviceDeployments"]
            if deployment["createdAt"] >= since
        ]
        if not arns:
            return
        answer = self._ecs.describe_service_deployments(serviceDeploymentArns=arns[:1])
        for deployment in answer["serviceDeployments"]:
            if reason := deployment.get("rollback", {}).get("reason"):
                yield f"rolled back: {reason}"
            if alarms := deployment.get("alarms", {}).get("triggeredAlarmNames"):
                yield f"in ALARM: {', '.join(alarms)}"

    def of_task(self, task: Mapping[str, Any], group: str) -> Iterator[str]:
        """Yield why a task stopped, and the last lines of each container that failed."""
        identifier = task["taskArn"].rsplit("/", 1)[-1]
        yield f"task {identifier[:8]}: {task.get('stoppedReason') or 'it stopped'}"
        for container in task["containers"]:
            if not container.get("exitCode"):
                continue
            yield f"container {container['name']} exited with {container['exitCode']}:"
            stream = f"copilot/{container['name']}/{identifier}"
            yield from (f"  {line}" for line in self._last_lines(group, stream))

    def _stopped(self, cluster: str, name: str) -> list[Mapping[str, Any]]:
        pages = self._ecs.get_paginator("list_tasks").paginate(
            cluster=cluster, serviceName=name, desiredStatus="STOPPED"
        )
        arns = [arn for page in pages for arn in page["taskArns"]]
        return [
            task
            for batch in in_batches(arns, _TASKS_AT_ONCE)
            for task in self._ecs.describe_tasks(cluster=cluster, tasks=batch)["tasks"]
        ]

    def _last_lines(self, group: str, stream: str) -> list[str]:
        try:
            events = self._logs.get_log_events(
                logGroupName=group, logStreamName=stream, limit=_LINES
            )["events"]
        except ClientError:
            return []
        return [event["message"].rstrip() for event in events]


def last_failed(tasks: Sequence[Mapping[str, Any]], since: datetime) -> Mapping[str, Any] | None:
    """Return the task that stopped last because it failed; None if none did since a moment.

    A service stops tasks in order, too; if one fails its health check, the reason says so.
    """
    failed = [
        task
        for task in tasks
        if task.get("stoppingAt", task.get("stoppedAt", since)) >= since
        and (
            task.get("stopCode") not in ("ServiceSchedulerInitiated", "UserInitiated")
            or task.get("stoppedReason", "").startswith("Task failed")
        )
    ]
    return max(failed, key=lambda task: task["createdAt"], default=None)


def _first(text: str) -> str:
    """Return the first line of a reason; the embedded AWS's go on with the log."""
    return text.splitlines()[0] if text else "no reason given"
