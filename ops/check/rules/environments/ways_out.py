"""The ways out of an environment's private subnets."""

from collections.abc import Iterator

from ops.check.files.patches import ENVIRONMENTS
from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Environment, Subject
from ops.check.subject.plain import dig

_VPC = ("network", "vpc")
_PLACEMENT = (*_VPC, "placement")
_ENDPOINT = "AWS::EC2::VPCEndpoint"


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html",
)
def nat_without_s3_endpoint(subject: Subject) -> Iterator[Hit]:
    """An environment's private subnets reach S3 through NAT gateways.

    Why: Images in ECR come from S3, and a NAT gateway bills each gigabyte. A gateway endpoint is
    free.

    Fix: Add a gateway endpoint with the route tables `PrivateRouteTable1` and `PrivateRouteTable2`
    to copilot/environments/overrides/cfn.patches.yml.
    """
    if _has_endpoint(subject):
        return
    for environment in subject.environments:
        # The routes of an imported VPC are not Copilot's.
        if dig(environment.data, *_VPC, "id") is None and _has_private_tasks(subject, environment):
            yield environment.hit((), "tasks in private subnets, and no endpoint for S3")


def _has_endpoint(subject: Subject) -> bool:
    """Return whether a patch, a CDK program or an addon of the environments has an endpoint."""
    text = subject.overrides.get(ENVIRONMENTS, "")
    addons = (addon for addon in subject.addons if addon.workload is None)
    return "vpcendpoint" in text.lower() or any(any(addon.resources(_ENDPOINT)) for addon in addons)


def _has_private_tasks(subject: Subject, environment: Environment) -> bool:
    """Return whether a workload runs in the environment's private subnets."""
    return any(
        environment.name in variant.environments and dig(variant.data, *_PLACEMENT) == "private"
        for variant in subject.variants()
    )
