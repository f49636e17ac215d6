"""Copilot's service stacks, `<application>-<environment>-<service>`, read with one call each."""

from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

from botocore.exceptions import ClientError

from ops.aws.access import Access
from ops.aws.client import Aws, explain, has_no_stack, side_by_side
from ops.base.errors import OpsError
from ops.copilot.place import OtherStack, ServiceStack, StackResource
from ops.copilot.workload import APP_RUNNER, JOB, STATIC

ACCESS = Access("cloudformation", reads=("ListStackResources",))


_WORKLOAD, _LOGICAL_ID = "copilot-service", "aws:cloudformation:logical-id"

Stacks: TypeAlias = Mapping[str, ServiceStack | OtherStack | OpsError]  # or why there is none


class NoServiceError(OpsError):
    """A workload has no ECS service in the environment."""


class NotDeployedError(NoServiceError):
    """A workload has no stack in the environment, or one that failed; the message depends on its
    type.
    """

    def __init__(self, workload: str, environment: str, kind: str = "") -> None:
        what, command = ("job", "job") if kind == JOB else ("service", "svc")
        super().__init__(
            f"The {what} `{workload}` is not deployed to `{environment}` yet",
            f"Run `copilot {command} deploy -n {workload} -e {environment}`.",
        )


def read_stacks(
    aws: Aws, application: str, environment: str, workloads: Mapping[str, str]
) -> Stacks:
    """Return each workload's stack in the environment, or the reason why it has none."""
    stacks = _Stacks(aws, application, environment)

    def read(workload: str) -> ServiceStack | OtherStack | OpsError:
        try:
            resources = stacks.resources(workload)
        except ClientError as error:
            return explain(error)
        if not resources:
            return NotDeployedError(workload, environment, workloads[workload])
        name = stacks.name(workload)
        service = ServiceStack.from_resources(name, resources)
        return service or OtherStack.from_resources(name, resources)

    return dict(zip(workloads, side_by_side(read, workloads), strict=True))


def tagged_stacks(
    aws: Aws, application: str, environment: str, workloads: Collection[str]
) -> dict[str, ServiceStack]:
    """Return the stacks of those workloads that the tag index knows, one call for a hundred.

    Copilot's stacks pass their tags on to their resources, and CloudFormation adds logical IDs:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
    The result lacks load balancers, and has the log group that Copilot's templates name.
    """
    tags = {"copilot-application": application, "copilot-environment": environment}
    queues = {
        (resource_tags.get(_WORKLOAD), resource_tags.get(_LOGICAL_ID)): arn.rsplit(":", 1)[1]
        for arn, resource_tags in aws.tagged("sqs:queue", tags).items()
    }
    stacks = {}
    for arn, resource_tags in aws.tagged("ecs:service", tags).items():
        workload = resource_tags.get(_WORKLOAD, "")
        if workload in workloads:
            name = f"{application}-{environment}-{workload}"
            resources = [StackResource("Service", "AWS::ECS::Service", arn)]
            resources += [
                StackResource(logical_id, "AWS::SQS::Queue", queue)
                for (owner, logical_id), queue in queues.items()
                if owner == workload and logical_id is not None
            ]
            resources.append(StackResource("LogGroup", "AWS::Logs::LogGroup", f"/copilot/{name}"))
            if (stack := ServiceStack.from_resources(name, resources)) is not None:
                stacks[workload] = stack
    return stacks


def without_service(workload: str, environment: str, kind: str) -> NoServiceError:
    """Return the reason why a workload with a stack has no ECS service."""
    if kind not in (JOB, APP_RUNNER, STATIC):
        return NotDeployedError(workload, environment, kind)
    return NoServiceError(
        f"`{workload}` is a {kind}: it has no ECS service",
        f"Remove the section from copilot/{workload}/ops.yml.",
    )


def gone(aws: Aws, application: str, environment: str, services: Iterable[str]) -> Collection[str]:
    """Return which of some services have no stack in the environment, not even a failed one."""
    stacks = _Stacks(aws, application, environment)
    names = sorted(services)
    answers = side_by_side(stacks.resources, names)
    return {name for name, resources in zip(names, answers, strict=True) if resources is None}


def has_stack(aws: Aws, name: str) -> bool:
    """Return whether a stack of this name exists: one call. Raise botocore's errors unchanged."""
    try:
        aws.client(ACCESS).list_stack_resources(StackName=name)
    except ClientError as error:
        if has_no_stack(error):
            return False
        raise
    return True


class _Stacks:
    def __init__(self, aws: Aws, application: str, environment: str) -> None:
        self._prefix = f"{application}-{environment}-"
        self._pages = aws.client(ACCESS).get_paginator("list_stack_resources")

    def name(self, service: str) -> str:
        return f"{self._prefix}{service}"

    def resources(self, service: str) -> list[StackResource] | None:
        """Return the resources of a service's stack; None if there is no such stack."""
        try:
            return [
                StackResource(
                    summary["LogicalResourceId"],
                    summary["ResourceType"],
                    summary["PhysicalResourceId"],
                )
                for page in self._pages.paginate(StackName=self.name(service))
                for summary in page["StackResourceSummaries"]
                if "PhysicalResourceId" in summary and "DELETE" not in summary["ResourceStatus"]
            ]
        except ClientError as error:
            if has_no_stack(error):
                return None
            raise
