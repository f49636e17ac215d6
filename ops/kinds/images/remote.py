"""Repositories in ECR: the only code that reads and writes them."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from ops.aws.access import Access
from ops.aws.client import Aws, code_of, side_by_side, tags_of, unless_gone
from ops.copilot.place import ApplicationPlace
from ops.kinds.images.guard import objection
from ops.kinds.images.stored import remote as stored
from ops.kinds.images.use import remote as use
from ops.plan.model import Change, Conflict, Create, Delete, Json, Live, Plan, Update
from ops.plan.remote import Trace

_REPOSITORIES = Access(
    "ecr",
    reads=("GetLifecyclePolicy", "ListTagsForResource"),
    writes=(
        "CreateRepository",
        "DeleteRepository",
        "PutImageScanningConfiguration",
        "PutImageTagMutability",
        "PutLifecyclePolicy",
    ),
    implied=("ecr:TagResource",),
)
ACCESS = (_REPOSITORIES, stored.ACCESS, *use.ACCESS)


class Remote:
    """The repositories of one application."""

    def __init__(self, aws: Aws, places: Sequence[ApplicationPlace]) -> None:
        self._aws = aws
        self._place = places[0]
        self._tags = places[0].tags
        self._client = aws.client(_REPOSITORIES)
        self._stored = stored.Stored(aws)
        self._arns: dict[str, str] = {}

    def read(self, names: Collection[str]) -> list[Live]:
        """Read with one call for each 100 repositories, and one for each lifecycle policy: it has
        no batch call.
        """
        repositories = self._stored.repositories(names)
        self._arns.update(
            {
                repository["repositoryName"]: repository["repositoryArn"]
                for repository in repositories
            }
        )
        policies = side_by_side(
            self._lifecycle_policy, [repository["repositoryName"] for repository in repositories]
        )
        return [
            _live(repository, policy)
            for repository, policy in zip(repositories, policies, strict=True)
        ]

    def _lifecycle_policy(self, name: str) -> Json:
        try:
            answer = self._client.get_lifecycle_policy(repositoryName=name)
        except ClientError as error:
            if code_of(error) != "LifecyclePolicyNotFoundException":
                raise
            return None
        policy: Json = json.loads(answer["lifecyclePolicyText"])
        return policy

    def inventory(self) -> Collection[str]:
        """Return names with one call for each 100 repositories that carry the tags."""
        return {
            arn.split(":repository/", 1)[1]
            for arn in self._aws.tagged("ecr:repository", self._tags)
        }

    def owned(self, names: Collection[str]) -> Collection[str]:
        """Return the repositories with our tags: one call for each."""
        ours = side_by_side(self._has_tags, names)
        return {name for name, is_ours in zip(names, ours, strict=True) if is_ours}

    def _has_tags(self, name: str) -> bool:
        tags = tags_of(self._client.list_tags_for_resource, resourceArn=self._arns[name])
        return self._tags.items() <= tags.items()

    def review(self, plan: Plan) -> Plan:
        """Reject each new lifecycle policy that would expire an image in use.

        Each changed policy is previewed: two calls. The images, and the tasks of the environments,
        are read only if a policy would expire anything.
        """
        changes = _with_new_policy(plan)
        previews = side_by_side(self._preview, changes)
        expiring = {
            change.name: digests
            for change, digests in zip(changes, previews, strict=True)
            if digests
        }
        if not expiring:
            return plan
        account = self._arns[next(iter(expiring))].split(":")[4]
        uses = use.read_uses(self._aws, self._place, account)

        def reviewed(change: Change) -> Change:
            if change.name not in expiring or not isinstance(change, Update):
                return change
            images = self._stored.images(change.name)
            uri = str(change.live.state["uri"])
            why = objection(expiring[change.name], images, uses, uri, pushes=0)
            return Conflict(change.wanted, change.live, f"its new policy {why}") if why else change

        return replace(plan, changes=tuple(side_by_side(reviewed, plan.changes)))

    def _preview(self, change: Update) -> Collection[str]:
        properties: dict[str, Any] = change.result
        return self._stored.expiring(change.name, properties["lifecyclePolicy"])

    def create(self, change: Create) -> None:
        """Call CreateRepository with tags, then put its lifecycle policy.

        If another sync was faster, or the answer to our own call was lost, continue.
        """
        properties: dict[str, Any] = change.result
        policy = properties.pop("lifecyclePolicy")
        properties["tags"] = [
            {"Key": key, "Value": value} for key, value in change.wanted.tags.items()
        ]
        try:
            self._client.create_repository(repositoryName=change.name, **properties)
        except ClientError as error:
            if code_of(error) != "RepositoryAlreadyExistsException":
                raise
            self.read([change.name])
            if not self._has_tags(change.name):
                raise
        self._put_lifecycle_policy(change.name, policy)

    def update(self, change: Update) -> None:
        """Make one call for each setting that differs."""
        changed = {field.path.split(".", 1)[0] for field in change.fields}
        properties: dict[str, Any] = change.result
        if "imageScanningConfiguration" in changed:
            self._client.put_image_scanning_configuration(
                repositoryName=change.name,
                imageScanningConfiguration=properties["imageScanningConfiguration"],
            )
        if "imageTagMutability" in changed:
            self._client.put_image_tag_mutability(
                repositoryName=change.name, imageTagMutability=properties["imageTagMutability"]
            )
        if "lifecyclePolicy" in changed:
            self._put_lifecycle_policy(change.name, properties["lifecyclePolicy"])

    def _put_lifecycle_policy(self, name: str, policy: Json) -> None:
        self._client.put_lifecycle_policy(
            repositoryName=name, lifecyclePolicyText=json.dumps(policy)
        )

    def delete(self, change: Delete) -> None:
        """Call DeleteRepository without force: AWS refuses while there are images in it."""
        with unless_gone():
            self._client.delete_repository(repositoryName=change.name)

    def traces(self, name: str) -> list[Trace]:
        """Return the parameters that name a repository: the same in every call."""
        return [{"repositoryName": name}]


def _with_new_policy(plan: Plan) -> list[Update]:
    updates = [change for change in plan.changes if isinstance(change, Update)]
    return [
        update
        for update in updates
        if any(field.path.startswith("lifecyclePolicy") for field in update.fields)
    ]


def _live(repository: Mapping[str, Any], lifecycle_policy: Json) -> Live:
    properties: dict[str, Json] = {
        "imageScanningConfiguration": dict(repository["imageScanningConfiguration"]),
        "imageTagMutability": repository["imageTagMutability"],
        "lifecyclePolicy": lifecycle_policy,
    }
    state: dict[str, Json] = {
        "uri": repository["repositoryUri"],
        "created": repository["createdAt"].isoformat(timespec="seconds"),
    }
    return Live(repository["repositoryName"], properties, state)
