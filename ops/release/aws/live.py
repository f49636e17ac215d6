"""The workloads that run in an environment: the only code of a release that reads them.

A look at a workload costs five calls: its stack, its service, its tasks (two) and its targets. The
resources of a stack and a task definition are read once.
"""

import contextlib
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from ops.aws.access import Access
from ops.aws.client import Aws, has_no_stack, in_batches
from ops.release.decisions.model import Version
from ops.release.decisions.verdict import Seen, Service, Task

STACKS = Access(
    "cloudformation",
    reads=("DescribeStacks", "ListStackResources"),
    writes=("CancelUpdateStack", "ContinueUpdateRollback"),
)
TASKS = Access(
    "ecs", reads=("DescribeServices", "ListTasks", "DescribeTasks", "DescribeTaskDefinition")
)
TARGETS = Access("elbv2", reads=("DescribeTargetHealth",))

_TASKS_AT_ONCE = 100  # the most that DescribeTasks takes
_SERVICE, _DEFINITION = "AWS::ECS::Service", "AWS::ECS::TaskDefinition"
_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"


class Live:
    """The workloads of an environment in AWS. `uri` is the address of the released repository."""

    def __init__(self, aws: Aws, application: str, environment: str, uri: str) -> None:
        self._prefix = f"{application}-{environment}-"
        self._uri = uri
        # Made here, in one thread: a botocore session makes clients one at a time.
        self._stacks: Any = aws.client(STACKS)
        self._ecs: Any = aws.client(TASKS)
        self._elb: Any = aws.client(TARGETS)
        self._images: dict[str, tuple[str, ...]] = {}  # by task definition

    def look(self, workload: str) -> Seen:
        """Return a workload as it is now."""
        stack = self._stack(workload)
        if stack is None:
            return Seen(None, None)
        resources = self._resources(workload)
        service = resources.get(_SERVICE)
        if service is None:
            definition = resources.get(_DEFINITION)
            return Seen(stack, definition and self._tag(definition))
        return self._look_at(stack, service, resources.get(_GROUP))

    def version(self, workload: str) -> Version | None:
        """Return what a workload runs; None if it is not deployed."""
        stack = self._stack(workload)
        resources = {} if stack is None else self._resources(workload)
        definition = resources.get(_DEFINITION)
        if definition is None:
            return None
        if (arn := resources.get(_SERVICE)) is None:
            return Version(self._tag(definition), task_definition=definition.rsplit("/", 1)[-1])
        service = self._service(arn)
        primary: Mapping[str, Any] = next(iter(service["deployments"]), {})
        definition = primary.get("taskDefinition", definition)
        tasks = self._tasks(arn)
        return Version(
            self._tag(definition),
            frozenset(task.digest for task in tasks if task.digest),
            definition.rsplit("/", 1)[-1],
            primary.get("createdAt"),
            len(tasks),
        )

    def guards(self, workload: str) -> tuple[str, ...]:
        """Return the alarms that roll back a deployment of a workload."""
        arn = self.arn(workload)
        return _guards(self._service(arn)) if arn else ()

    def cancel(self, workload: str) -> bool:
        """Cancel the update of a workload's stack; return False if no update is in progress.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html
        """
        if self._stack(workload) != "UPDATE_IN_PROGRESS":
            return False
        try:
            self._stacks.cancel_update_stack(StackName=f"{self._prefix}{workload}")
        except ClientError:  # it has ended in this moment
            return False
        return True

    def continue_rollback(self, workload: str) -> None:
        """Continue a failed rollback of CloudFormation, which blocks all updates.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-continueupdaterollback.html
        """
        with contextlib.suppress(ClientError):  # another has done so in this moment
            self._stacks.continue_update_rollback(StackName=f"{self._prefix}{workload}")

    def arn(self, workload: str) -> str | None:
        """Return the ARN of a workload's ECS service; None if it is not deployed."""
        return self._resources(workload).get(_SERVICE) if self._stack(workload) else None

    def _stack(self, workload: str) -> str | None:
        try:
            answer = self._stacks.describe_stacks(StackName=f"{self._prefix}{workload}")
        except ClientError as error:
            if has_no_stack(error):
                return None
            raise
        status: str = answer["Stacks"][0]["StackStatus"]
        return None if status == "REVIEW_IN_PROGRESS" else status

    def _resources(self, workload: str) -> Mapping[str, str]:
        """Return physical IDs by type.

        Copilot's template has one of each; for target groups of patches, Copilot's own name
        decides.
        """
        pages = self._stacks.get_paginator("list_stack_resources").paginate(
            StackName=f"{self._prefix}{workload}"
        )
        resources = [
            resource
            for page in pages
            for resource in page["StackResourceSummaries"]
            if resource.get("PhysicalResourceId") and "DELETE" not in resource["ResourceStatus"]
        ]
        resources.sort(key=lambda resource: resource["LogicalResourceId"], reverse=True)
        return {
            resource["ResourceType"]: str(resource["PhysicalResourceId"]) for resource in resources
        }

    def _look_at(self, stack: str, arn: str, group: str | None) -> Seen:
        service = self._service(arn)
        deployments = service.get("deployments", [])
        current = deployments[0]["taskDefinition"] if deployments else service["taskDefinition"]
        return Seen(
            stack,
            self._tag(current),
            Service(
                service["desiredCount"],
                tuple((e["taskDefinition"], e.get("rolloutState", "")) for e in deployments),
                deployments[0].get("rolloutStateReason", "") if deployments else "",
                tuple(self._tasks(arn)),
                self._targets(group) if group else None,
                len(_guards(service)),
            ),
        )

    def _service(self, arn: str) -> Mapping[str, Any]:
        cluster = arn.split("/")[1]
        answer = self._ecs.describe_services(cluster=cluster, services=[arn])
        service: Mapping[str, Any] = answer["services"][0]
        return service

    def _tasks(self, arn: str) -> list[Task]:
        _, cluster, name = arn.split("/")
        pages = self._ecs.get_paginator("list_tasks").paginate(cluster=cluster, serviceName=name)
        arns = [arn for page in pages for arn in page["taskArns"]]
        tasks = []
        for batch in in_batches(arns, _TASKS_AT_ONCE):
            answer = self._ecs.describe_tasks(cluster=cluster, tasks=batch)
            running = (e for e in answer["tasks"] if e["lastStatus"] == "RUNNING")
            tasks += [self._task(task) for task in running]
        return tasks

    def _task(self, task: Mapping[str, Any]) -> Task:
        digests = [
            container.get("imageDigest")
            for container in task["containers"]
            if self._is_ours(container.get("image", ""))
        ]
        return Task(
            next((digest for digest in digests if digest), None),
            task["taskDefinitionArn"],
            task.get("healthStatus", "UNKNOWN"),
        )

    def _tag(self, definition: str) -> str | None:
        """Return the tag of the released repository's image in a task definition."""
        if definition not in self._images:
            answer = self._ecs.describe_task_definition(taskDefinition=definition)
            containers = answer["taskDefinition"]["containerDefinitions"]
            self._images[definition] = tuple(container["image"] for container in containers)
        ours = [image for image in self._images[definition] if self._is_ours(image)]
        return ours[0].removeprefix(f"{self._uri}:").partition("@")[0] if ours else None

    def _is_ours(self, image: str) -> bool:
        return image.startswith(f"{self._uri}:")

    def _targets(self, group: str) -> int:
        answer = self._elb.describe_target_health(TargetGroupArn=group)
        states = [
            description["TargetHealth"]["State"]
            for description in answer["TargetHealthDescriptions"]
        ]
        return states.count("healthy")


def _guards(service: Mapping[str, Any]) -> tuple[str, ...]:
    alarms = service.get("deploymentConfiguration", {}).get("alarms") or {}
    return tuple(alarms.get("alarmNames", ())) if alarms.get("enable") else ()
