"""The checks before a release writes anything."""

from typing import Any

from botocore.exceptions import ClientError

from ops.aws.access import Access
from ops.aws.client import Aws, has_no_stack
from ops.base.errors import OpsError
from ops.copilot.workspace import Workspace
from ops.release.aws.alarms import Alarms
from ops.release.aws.images import Images
from ops.release.aws.live import Live
from ops.release.decisions.model import Plan
from ops.release.decisions.platforms import platform_of

STACKS = Access("cloudformation", reads=("DescribeStacks",))

# States that no update leaves, and what to do. A release continues a rollback that failed.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
_NEVER_CREATED = "Its creation failed: delete it with `copilot svc delete`, then release again."
_STUCK = {
    "ROLLBACK_COMPLETE": _NEVER_CREATED,
    "ROLLBACK_FAILED": _NEVER_CREATED,
    "CREATE_FAILED": _NEVER_CREATED,
    "UPDATE_FAILED": "A deployment without rollback left it: "
    "`aws cloudformation rollback-stack --stack-name {name}` brings it back.",
    "DELETE_FAILED": "Finish its deletion in CloudFormation.",
}


def check_stacks(aws: Aws, plan: Plan) -> None:
    """Raise OpsError for a stack that cannot be updated."""
    client: Any = aws.client(STACKS)
    for change in plan.changes:
        name = f"{plan.application}-{plan.environment}-{change.workload}"
        try:
            status = client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        except ClientError as error:
            if has_no_stack(error):
                continue
            raise
        if status in _STUCK:
            raise OpsError(f"The stack {name} is in {status}", _STUCK[status].format(name=name))


def check_platforms(images: Images, workspace: Workspace, plan: Plan) -> tuple[str, ...]:
    """Return the tags whose platform ECR cannot tell.

    Raise OpsError if an image lacks the platform of a workload.
    """
    tags = {change.image.tag for change in plan.changes}
    known = {tag: images.platforms(tag) for tag in sorted(tags)}
    manifests = {
        service.name: service.manifest_in(plan.environment) for service in workspace.services
    }
    for change in plan.changes:
        needed, platforms = platform_of(manifests[change.workload]), known[change.image.tag]
        if platforms and needed not in platforms:
            raise OpsError(
                f"copilot/{change.workload}/manifest.yml runs on {needed}, and the image "
                f"{change.image.tag} is for {', '.join(sorted(platforms))}",
                f"Build it with `ops images build --platform {needed}`, or change `platform`.",
            )
    return tuple(tag for tag, platforms in known.items() if not platforms)


def check_alarms(live: Live, alarms: Alarms, plan: Plan) -> None:
    """Raise OpsError if an alarm that guards one of the deployments is in ALARM already."""
    guards = {name for change in plan.changes for name in live.guards(change.workload)}
    alarms.check_guards(guards)
