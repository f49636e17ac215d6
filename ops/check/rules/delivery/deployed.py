"""Secrets, images, stacks and alarms in AWS, checked with --live."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ops.check.aws.references import Secret, imports, locations, rollback_alarms, secrets
from ops.check.finding import Hit, Severity
from ops.check.manifest.tasks import on_demand
from ops.check.registry import Needs, rule
from ops.check.subject.model import Subject
from ops.check.subject.plain import dig, number
from ops.copilot.workload import SERVICES

_SECRETS = "https://aws.github.io/copilot-cli/docs/developing/secrets/"
_STACKS = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html"
_BUSY = "_IN_PROGRESS"
_STUCK = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED")


@rule(Severity.ERROR, _SECRETS, needs=Needs.AWS)
def secret_missing(subject: Subject) -> Iterator[Hit]:
    """A secret or parameter of a task does not exist.

    Why: No task starts without it.

    Fix: Create a parameter with `copilot secret init`, or a secret with `aws secretsmanager
    create-secret` and Copilot's two tags; or correct the name.
    """
    references = list(secrets(subject))
    is_elsewhere = all(stored is None for _, _, stored in references)
    cause = "this account and region has none of the secrets and parameters" if is_elsewhere else ""
    for hit, secret, stored in references:
        if stored is None:
            what = (
                f"ECS will not find the {secret.label}"
                if secret.manager
                else f"the {secret.label} does not exist"
            )
            yield replace(hit(what), fix=_making(subject, secret), cause=cause)
        elif stored.error:
            yield hit(f"{secret.label} cannot be read: {stored.error}")


def _making(subject: Subject, secret: Secret) -> str:
    """Return the command that makes it: `copilot secret init` makes parameters alone."""
    application, environment = subject.workspace.application, subject.in_aws.environment
    if not secret.manager:
        return "Create it with `copilot secret init`, or correct the name."
    if secret.name.startswith("arn:"):
        return "Correct the ARN. AWS chooses the last six characters of a new secret's ARN."
    tags = {"copilot-application": application, "copilot-environment": environment}
    written = " ".join(f"Key={key},Value={value}" for key, value in tags.items())
    return (
        f"Create it, or correct the name: `aws secretsmanager create-secret --name {secret.name} "
        f"--secret-string file://VALUE --tags {written}`."
    )


@rule(Severity.ERROR, _SECRETS, needs=Needs.AWS)
def secret_untagged(subject: Subject) -> Iterator[Hit]:
    """A secret or parameter lacks the tags that allow a task to read it.

    Why: Without `copilot-application` and `copilot-environment` no task starts, and ECS shows no
    reason.

    Fix: Add the tags: `copilot secret init` gives them to a parameter, `aws secretsmanager
    tag-resource` to a secret.
    """
    required_tags = {
        "copilot-application": subject.workspace.application,
        "copilot-environment": subject.in_aws.environment,
    }
    for hit, secret, stored in secrets(subject):
        if stored is None or stored.error:
            continue
        for tag, value in required_tags.items():
            if stored.tags.get(tag) != value:
                lacks = f"has no tag {tag}={value}"
                yield replace(hit(f"{secret.label} {lacks}"), cause=lacks)


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html",
    needs=Needs.AWS,
)
def export_missing(subject: Subject) -> Iterator[Hit]:
    """No stack exports a value that a manifest imports by `from_cfn`.

    Why: The deployment fails: CloudFormation refuses the stack.

    Fix: Deploy the stack that exports it, or correct the name.
    """
    exports = subject.in_aws.exports
    for variant, at, name in imports(subject):
        if exports is not None and name not in exports:
            yield variant.hit(at, f"no stack exports `{name}`")


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html",
    needs=Needs.AWS,
)
def image_missing(subject: Subject) -> Iterator[Hit]:
    """An image is not in its ECR repository.

    Why: ECS retries until the deployment rolls back.

    Fix: Push the image, or correct the tag.
    """
    for variant, at, location in locations(subject):
        if subject.in_aws.images.get(location) is False:
            yield variant.hit(at, f"{location} is not in ECR")


@rule(Severity.ERROR, _STACKS, needs=Needs.AWS)
def stack_not_ready(subject: Subject) -> Iterator[Hit]:
    """A service's stack cannot be updated.

    Why: CloudFormation refuses a deployment during another one, and after one that it could not
    undo.

    Fix: Wait; delete a stack that was never created; continue the rollback of one that is stuck.
    """
    for manifest in subject.manifests:
        status = subject.in_aws.stacks.get(manifest.name)
        if status is not None and (status.endswith(_BUSY) or status in _STUCK):
            yield manifest.hit(("name",), f"the status of its stack is {status}")


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html",
    needs=Needs.AWS,
)
def rollback_alarm_missing(subject: Subject) -> Iterator[Hit]:
    """A rollback alarm does not exist.

    Why: It rolls nothing back.

    Fix: Create the alarm, for example by `ops alarms sync`, or correct its name. Before the first
    deployment it cannot exist.
    """
    alarms = subject.in_aws.alarms
    for variant, at, name in rollback_alarms(subject):
        if name in alarms and alarms[name] is None:
            yield variant.hit(at, f"the alarm `{name}` does not exist")


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html",
    needs=Needs.AWS,
)
def rollback_alarm_firing(subject: Subject) -> Iterator[Hit]:
    """A rollback alarm is in ALARM already.

    Why: ECS ignores such an alarm, so nothing rolls back.

    Fix: Find out why it fires before you deploy.
    """
    for variant, at, name in rollback_alarms(subject):
        if subject.in_aws.alarms.get(name) == "ALARM":
            yield variant.hit(at, f"`{name}` is in ALARM")


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html",
    needs=Needs.AWS,
)
def fargate_quota(subject: Subject) -> Iterator[Hit]:
    """The services may need more vCPUs than the account's quota for Fargate On-Demand.

    Why: Above the quota no task starts.

    Fix: Request a higher quota (L-3032A538), or lower `max`.
    """
    needed = 0.0
    for variant in subject.variants(*SERVICES):
        most = on_demand(variant.data) or 0
        cpu = number(dig(variant.data, "cpu")) or 256
        needed += most * cpu / 1024
    quota = subject.in_aws.vcpus
    if quota is not None and needed > quota and subject.manifests:
        message = (
            f"all services at their maximum, without Spot, need {needed:g} vCPUs; the quota is "
            f"{quota:g}"
        )
        yield subject.manifests[0].hit(("count",), message)


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html",
    needs=Needs.AWS,
)
def not_allowed(subject: Subject) -> Iterator[Hit]:
    """AWS did not allow a read.

    Why: The resources in question were not checked.

    Fix: Ask for the permission, or use another profile.
    """
    for message in subject.in_aws.refused:
        yield Hit(Path("copilot/.workspace"), 1, message)
