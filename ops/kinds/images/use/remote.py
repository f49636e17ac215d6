"""The current and previous images of an application's environments: the only code that reads them.

An environment costs four calls, and three more for each of its services and jobs. An environment of
another account is read with the role that Copilot created there for itself, so only with calls that
this role allows:
https://github.com/aws/copilot-cli/blob/mainline/internal/pkg/template/templates/environment/partials/environment-manager-role.yml
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from ops.aws.access import Access
from ops.aws.client import Aws, code_of, explain, has_no_stack, in_batches, side_by_side
from ops.base.errors import OpsError
from ops.copilot.environments import REGISTRY, Environment, registered
from ops.copilot.place import ApplicationPlace
from ops.kinds.images.use.use import Use

# The revision that is deployed, the one before, and one more in case a failed one lies between.
_REVISIONS = 3
_TASKS_AT_ONCE = 100  # the most that DescribeTasks takes
_CLUSTER = "Cluster"  # its logical id in Copilot's template of an environment

_STACKS = Access("cloudformation", reads=("DescribeStackResource",))
_TASKS = Access(
    "ecs",
    reads=(
        "ListTasks",
        "DescribeTasks",
        "ListTaskDefinitionFamilies",
        "DescribeTaskDefinition",
    ),
)
_ROLES = Access("sts", reads=("AssumeRole",), roles="arn:*:iam::*:role/*-EnvManagerRole")
ACCESS = (REGISTRY, _STACKS, _TASKS, _ROLES)

# The role may deploy too, and a session of it does only what both allow.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
_READS = [f"{access.service}:{name}" for access in (_STACKS, _TASKS) for name in access.reads]
_SESSION_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": _READS, "Resource": "*"}],
    }
)


def read_uses(aws: Aws, place: ApplicationPlace, account: str) -> list[Use]:
    """Return every image that a task of the application runs or that its last revisions name.

    `account` owns the credentials. An environment of another account is read with the role that
    Copilot created there for this.
    """
    environments = _environments(aws, place)
    names = [environment.name for environment in environments]
    # Made here, in one thread: a boto3 session makes clients one at a time.
    readers = [
        _Reader(aws, place.application, environment, names, account) for environment in environments
    ]
    return [use for uses in side_by_side(_Reader.read, readers) for use in uses]


def _environments(aws: Aws, place: ApplicationPlace) -> list[Environment]:
    """Return the environments registered in the application's region, and those of the
    workspace.
    """
    declared = {name: Environment(name) for name in place.environments}
    return list((declared | registered(aws, place.application)).values())


class _Reader:
    """A reader of one environment's images."""

    def __init__(
        self, aws: Aws, application: str, environment: Environment, names: list[str], account: str
    ) -> None:
        self._application = application
        self._environment = environment
        self._names = names
        is_foreign = environment.account not in ("", account)
        there = aws.elsewhere(
            environment.region, _credentials(aws, environment) if is_foreign else {}
        )
        self._stacks: Any = there.client(_STACKS)
        self._ecs: Any = there.client(_TASKS)

    def read(self) -> list[Use]:
        cluster = self._cluster()
        if cluster is None:
            return []
        families = self._families()
        definitions = side_by_side(self._revisions, families)
        return [*self._running(cluster), *(use for uses in definitions for use in uses)]

    def _cluster(self) -> str | None:
        """Return the environment's cluster, or None if the environment is not deployed."""
        name = f"{self._application}-{self._environment.name}"
        try:
            answer = self._stacks.describe_stack_resource(
                StackName=name, LogicalResourceId=_CLUSTER
            )
        except ClientError as error:
            if has_no_stack(error):  # the stack, or the cluster in it
                return None
            raise
        cluster: str | None = answer["StackResourceDetail"].get("PhysicalResourceId")
        return cluster

    def _running(self, cluster: str) -> list[Use]:
        """Yield the images of the cluster's running tasks, including tasks without a service."""
        pages = self._ecs.get_paginator("list_tasks").paginate(cluster=cluster)
        arns = [arn for page in pages for arn in page["taskArns"]]
        uses = []
        for batch in in_batches(arns, _TASKS_AT_ONCE):
            for task in self._ecs.describe_tasks(cluster=cluster, tasks=batch)["tasks"]:
                family = task["taskDefinitionArn"].rsplit("/", 1)[1].rsplit(":", 1)[0]
                uses += [
                    self._use(family, container["image"], container.get("imageDigest"))
                    for container in task["containers"]
                    if container.get("image")
                ]
        return uses

    def _families(self) -> list[str]:
        """Return the environment's task definition families, which Copilot names
        `<application>-<environment>-…`.
        """
        pages = self._ecs.get_paginator("list_task_definition_families").paginate(
            familyPrefix=f"{self._application}-{self._environment.name}-", status="ACTIVE"
        )
        answer = [family for page in pages for family in page["families"]]
        return [family for family in answer if self._is_mine(family)]

    def _is_mine(self, family: str) -> bool:
        """Return whether a name is not from an environment with a longer name, such as `prod-eu`
        for `prod`.
        """
        mine = [name for name in self._names if family.startswith(f"{self._application}-{name}-")]
        return max(mine, key=len) == self._environment.name

    def _revisions(self, family: str) -> list[Use]:
        """Yield the images of the last revisions: also of a service without tasks, and for a
        rollback.
        """
        latest = self._ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]
        definitions = [latest]
        for number in range(latest["revision"] - 1, latest["revision"] - _REVISIONS, -1):
            if number < 1:
                break
            try:
                answer = self._ecs.describe_task_definition(taskDefinition=f"{family}:{number}")
            except ClientError as error:
                if code_of(error) != "ClientException":
                    raise
                continue  # deleted: nothing can go back to it
            definitions.append(answer["taskDefinition"])
        return [
            self._use(family, container["image"])
            for definition in definitions
            for container in definition["containerDefinitions"]
        ]

    def _use(self, family: str, image: str, digest: str | None = None) -> Use:
        prefix = f"{self._application}-{self._environment.name}-"
        return Use(self._environment.name, family.removeprefix(prefix), image, digest)


def _credentials(aws: Aws, environment: Environment) -> Mapping[str, str]:
    """Return credentials of the environment's role, limited to these reads.

    Raise OpsError if AWS does not allow it.
    """
    client = aws.client(_ROLES)
    try:
        answer = client.assume_role(
            RoleArn=environment.role, RoleSessionName="ops", Policy=_SESSION_POLICY
        )["Credentials"]
    except ClientError as error:
        if code_of(error) != "AccessDenied":
            raise
        raise OpsError(
            f"What runs in `{environment.name}`, which is in another account "
            f"({environment.account}), is unknown: {explain(error).what}",
            f"Ask for permission to assume {environment.role}: "
            "`ops iam-policy --cross-account` prints it.",
        ) from error
    return {
        "aws_access_key_id": answer["AccessKeyId"],
        "aws_secret_access_key": answer["SecretAccessKey"],
        "aws_session_token": answer["SessionToken"],
    }
