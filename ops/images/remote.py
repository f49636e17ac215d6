"""Repositories in ECR: the only code that reads and writes them."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ops.aws import Aws, side_by_side
from ops.place import ApplicationPlace
from ops.plan import Create, Delete, Json, Live, Update


class Remote:
    """The repositories of one application."""

    def __init__(self, aws: Aws, places: Sequence[ApplicationPlace]) -> None:
        self._aws = aws
        self._tags = places[0].tags
        self._client = aws.session.client("ecr", config=aws.config)
        self._arns: dict[str, str] = {}

    def read(self, names: Collection[str]) -> list[Live]:
        """Two calls for each repository: itself and its lifecycle policy, which has no batch."""
        return [live for live in side_by_side(self._describe, sorted(names)) if live is not None]

    def _describe(self, name: str) -> Live | None:
        try:
            found = self._client.describe_repositories(repositoryNames=[name])["repositories"][0]
        except self._client.exceptions.RepositoryNotFoundException:
            return None
        self._arns[name] = found["repositoryArn"]
        return _live(found, self._lifecycle_policy(name))

    def _lifecycle_policy(self, name: str) -> Json:
        try:
            answer = self._client.get_lifecycle_policy(repositoryName=name)
        except self._client.exceptions.LifecyclePolicyNotFoundException:
            return None
        policy: Json = json.loads(answer["lifecyclePolicyText"])
        return policy

    def inventory(self) -> Collection[str]:
        """One call for each 100 repositories that carry the tags."""
        return {
            arn.split(":repository/", 1)[1]
            for arn in self._aws.tagged("ecr:repository", self._tags)
        }

    def owned(self, names: Collection[str]) -> Collection[str]:
        """By their own tags, one call for each."""
        ours = side_by_side(self._has_tags, names)
        return {name for name, is_ours in zip(names, ours, strict=True) if is_ours}

    def _has_tags(self, name: str) -> bool:
        answer = self._client.list_tags_for_resource(resourceArn=self._arns[name])
        tags = {tag["Key"]: tag["Value"] for tag in answer["tags"]}
        return self._tags.items() <= tags.items()

    def create(self, change: Create) -> None:
        """CreateRepository with its tags, then its lifecycle policy."""
        properties: dict[str, Any] = change.result
        policy = properties.pop("lifecyclePolicy")
        properties["tags"] = [
            {"Key": key, "Value": value} for key, value in change.wanted.tags.items()
        ]
        self._client.create_repository(repositoryName=change.name, **properties)
        self._put_lifecycle_policy(change.name, policy)

    def update(self, change: Update) -> None:
        """A call for each setting that differs."""
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
        """DeleteRepository without force: AWS refuses while there are images in it."""
        self._client.delete_repository(repositoryName=change.name)


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
