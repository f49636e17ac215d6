"""CloudFormation templates in `addons` folders."""

from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Addon, Subject
from ops.check.subject.plain import dig, mapping

_ADDONS = "https://aws.github.io/copilot-cli/docs/developing/addons/workload/"

# What holds data that nothing brings back, and that CloudFormation deletes with its stack. A bucket
# with objects refuses to go, and RDS leaves a snapshot.
_STATEFUL = (
    "AWS::DynamoDB::Table",
    "AWS::DynamoDB::GlobalTable",
    "AWS::EFS::FileSystem",
    "AWS::Cognito::UserPool",
)


@rule(Severity.ERROR, _ADDONS)
def addon_parameters(subject: Subject) -> Iterator[Hit]:
    """The addons of a folder do not declare `App`, `Env` and, for a workload, `Name`.

    Why: The deployment fails: CloudFormation refuses the parameters that Copilot passes.

    Fix: Add the missing ones to `Parameters`, each with `Type: String`.
    """
    folders: dict[str, list[Addon]] = {}
    for addon in subject.addons:
        folders.setdefault(addon.path.parent.as_posix(), []).append(addon)
    for addons in folders.values():
        declared = {
            name for template in addons for name in mapping(dig(template.data, "Parameters"))
        }
        required = ("App", "Env") if addons[0].workload is None else ("App", "Env", "Name")
        missing = [name for name in required if name not in declared]
        if missing:
            yield addons[0].hit(("Parameters",), f"the parameter is missing: {', '.join(missing)}")


@rule(Severity.ERROR, _ADDONS)
def addon_without_resources(subject: Subject) -> Iterator[Hit]:
    """A template in an addons folder has no resources.

    Why: The deployment fails: CloudFormation refuses the template.

    Fix: Add `Resources`, or remove the file.
    """
    for addon in subject.addons:
        others = [
            neighbour for neighbour in subject.addons if neighbour.path.parent == addon.path.parent
        ]
        if not any(mapping(dig(other.data, "Resources")) for other in others):
            yield addon.hit(("Resources",), "the folder has no resources")


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html",
)
def data_goes_with_the_stack(subject: Subject) -> Iterator[Hit]:
    """A table, file system or user pool is deleted with the service or the environment.

    Why: The stack of an addon deletes its data, without a copy.

    Fix: Add `DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain` to the resource.
    """
    for addon in subject.addons:
        for name, resource in addon.resources(*_STATEFUL):
            if "DeletionPolicy" not in resource:
                message = f"`{name}` ({resource['Type']}) has no DeletionPolicy"
                yield addon.hit(("Resources", name), message)
