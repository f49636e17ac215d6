"""Reading Copilot's service stacks, `<application>-<environment>-<service>`: one call each."""

from collections.abc import Iterable

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
    pages = aws.client(ACCESS).get_paginator("list_stack_resources")

    def read(service: str) -> ServiceStack | OpsError:
        name = f"{application}-{environment}-{service}"
        try:
            resources = [
                StackResource(
                    each["LogicalResourceId"], each["ResourceType"], each["PhysicalResourceId"]
                )
                for page in pages.paginate(StackName=name)
                for each in page["StackResourceSummaries"]
                if "PhysicalResourceId" in each and "DELETE" not in each["ResourceStatus"]
            ]
        except ClientError as error:
            # CloudFormation has no code of its own for a stack that does not exist.
            missing = code_of(error) == "ValidationError" and "does not exist" in str(error)
            return NotDeployedError(service, environment) if missing else explain(error)
        stack = ServiceStack.from_resources(name, resources)
        return stack or NotDeployedError(service, environment)

    names = list(services)
    return dict(zip(names, side_by_side(read, names), strict=True))
