"""The environments that Copilot has registered, needed if the files do not name one."""

import json
from dataclasses import dataclass

from ops.aws.access import Access
from ops.aws.client import Aws, AwsError, explain
from ops.base.errors import OpsError
from ops.copilot.stacks import has_stack
from ops.copilot.workspace import Workspace

REGISTRY = Access("ssm", reads=("GetParametersByPath",))


@dataclass(frozen=True)
class Environment:
    """A registered environment. Without an account, it is in the account of the credentials."""

    name: str
    region: str | None = None
    account: str = ""
    role: str = ""  # Copilot's own way into an environment of another account


def registered(aws: Aws, application: str) -> dict[str, Environment]:
    """Return the environments registered in the application's region: one call for ten.

    Source: aws/copilot-cli, internal/pkg/config/env.go. Raise botocore's errors unchanged.
    """
    pages = (
        aws.client(REGISTRY)
        .get_paginator("get_parameters_by_path")
        .paginate(Path=f"/copilot/applications/{application}/environments")
    )
    stored = [json.loads(parameter["Value"]) for page in pages for parameter in page["Parameters"]]
    return {
        entry["name"]: Environment(
            entry["name"],
            entry.get("region"),
            entry.get("accountID", ""),
            entry.get("managerRoleARN", ""),
        )
        for entry in stored
    }


def confirm(aws: Aws, workspace: Workspace, environment: str) -> None:
    """Raise OpsError if the environment does not exist, with a list of those that do.

    An environment with a manifest in this workspace costs no call. Any other costs one, and one
    more if its stack is missing.
    """
    if environment in workspace.own_environments:
        return
    application = workspace.application
    try:
        if has_stack(aws, f"{application}-{environment}"):
            return
    except AwsError as error:
        raise explain(error) from error
    raise _missing(aws, application, environment)


def _missing(aws: Aws, application: str, environment: str) -> OpsError:
    what = f"The application {application} has no environment `{environment}`"
    try:
        environments = registered(aws, application)
    except AwsError as error:
        return OpsError(f"{what} in this account and {aws.region}", str(explain(error)))
    if environment in environments:
        there = environments[environment]
        return OpsError(
            f"{what} in this account and {aws.region}",
            f"Copilot registered it in {there.region} of account {there.account}: pass --region "
            "or --profile.",
        )
    if not environments:
        return OpsError(
            f"{what} in this account and {aws.region}: none is registered there",
            "Check --app, --profile and --region; `copilot env ls` lists the environments.",
        )
    return OpsError(what, f"Copilot has registered: {', '.join(sorted(environments))}.")
