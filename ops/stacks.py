"""Reading Copilot's service stacks, `<application>-<environment>-<service>`: one call each."""

from collections.abc import Collection, Iterable

from botocore.exceptions import ClientError

from ops.access import Access
from ops.aws import Aws, code_of, explain, side_by_side
from ops.errors import OpsError
from ops.place import ServiceStack, StackResource

ACCESS = Access("cloudformation", reads=("ListStackResources",))


class NotDeployedError(OpsError):
    """The service has no stack in the environment, or none that came up."""

    def __init__(self, service: str, environment: str) -> None:
        super().__init__(
            f"The service `{service}` is not deployed to `{environment}` yet",
            f"Run `copilot svc deploy -n {service} -e {environment}`.",
        )


def read_stacks(
    aws: Aws, application: str, environment: str, services: Iterable[str]
) -> dict[str, ServiceStack | OpsError]:
    """Each service's stack in the environment, or why it has none."""
    stacks = _Stacks(aws, application, environment)

    def read(service: str) -> ServiceStack | OpsError:
        try:
            resources = stacks.resources(service)
        except ClientError as error:
            return explain(error)
        stack = ServiceStack.from_resources(stacks.name(service), resources or ())
        return stack or NotDeployedError(service, environment)

    names = list(services)
    return dict(zip(names, side_by_side(read, names), strict=True))


def gone(aws: Aws, application: str, environment: str, services: Iterable[str]) -> Collection[str]:
    """Those of some services that have no stack in the environment, not even a broken one."""
    stacks = _Stacks(aws, application, environment)
    names = sorted(services)
    found = side_by_side(stacks.resources, names)
    return {name for name, resources in zip(names, found, strict=True) if resources is None}


class _Stacks:
    def __init__(self, aws: Aws, application: str, environment: str) -> None:
        self._prefix = f"{application}-{environment}-"
        self._pages = aws.client(ACCESS).get_paginator("list_stack_resources")

    def name(self, service: str) -> str:
        return f"{self._prefix}{service}"

    def resources(self, service: str) -> list[StackResource] | None:
        """What is in the service's stack; None when there is no such stack."""
        try:
            return [
                StackResource(
                    each["LogicalResourceId"], each["ResourceType"], each["PhysicalResourceId"]
                )
                for page in self._pages.paginate(StackName=self.name(service))
                for each in page["StackResourceSummaries"]
                if "PhysicalResourceId" in each and "DELETE" not in each["ResourceStatus"]
            ]
        except ClientError as error:
            # CloudFormation has no code of its own for a stack that does not exist.
            if code_of(error) == "ValidationError" and "does not exist" in str(error):
                return None
            raise
