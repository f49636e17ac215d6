"""The only code that calls Application Auto Scaling."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from ops.aws.access import SCALES_ECS, Access
from ops.aws.autoscaling.values import (
    Answer,
    ScalableTarget,
    ScalingActivity,
    ScalingPolicy,
    ScheduledAction,
    target_key,
)
from ops.aws.client import MANY, Aws, in_batches, side_by_side, tags_of, unless_gone
from ops.aws.constraints import Request

_SERVICE = "application-autoscaling"
# The IAM actions that AWS requires for an operation in addition to its own.
_IMPLIED = {
    "RegisterScalableTarget": ("iam:CreateServiceLinkedRole", *SCALES_ECS),
    "PutScalingPolicy": SCALES_ECS,
    "PutScheduledAction": SCALES_ECS,
}
_TARGETS_AT_ONCE = 50  # the most resource IDs that DescribeScalableTargets takes

Value = TypeVar("Value", ScalingPolicy, ScheduledAction, ScalingActivity)


def scaling_access(
    *, reads: tuple[str, ...], writes: tuple[str, ...] = (), tags: bool = False
) -> Access:
    """Return the access to these operations, with the actions that AWS requires in addition.

    `tags`: new targets get tags.
    """
    implied = {action: None for name in writes for action in _IMPLIED.get(name, ())}
    tagging = (f"{_SERVICE}:TagResource",) if tags else ()
    return Access(_SERVICE, reads, writes, implied=(*tagging, *implied))


class AutoScaling:
    """The scalable targets of ECS services. It makes the calls that its `access` declares.

    Targets are identified by their resource ID. Policies, actions and activities are read with a
    call for each target; from `MANY` on, with the pages of the whole account, of 10 policies or 50
    actions or activities.
    """

    def __init__(self, aws: Aws, access: Access) -> None:
        self._client = aws.client(access)

    def targets(self, resource_ids: Collection[str]) -> dict[str, ScalableTarget]:
        """Return the targets that exist, by resource ID: one call for each 50."""

        def read(batch: Sequence[str]) -> list[Answer]:
            pages = self._client.get_paginator("describe_scalable_targets").paginate(
                ServiceNamespace="ecs", ResourceIds=batch
            )
            return [answer for page in pages for answer in page["ScalableTargets"]]

        batches = side_by_side(read, in_batches(list(resource_ids), _TARGETS_AT_ONCE))
        targets = [ScalableTarget.from_answer(answer) for batch in batches for answer in batch]
        return {target.resource_id: target for target in targets}

    def policies(self, resource_ids: Collection[str]) -> list[ScalingPolicy]:
        """Return the scaling policies of targets."""
        operation, key = "describe_scaling_policies", "ScalingPolicies"
        return self._of_targets(operation, key, ScalingPolicy.from_answer, resource_ids)

    def actions(self, resource_ids: Collection[str]) -> list[ScheduledAction]:
        """Return the scheduled actions of targets."""
        operation, key = "describe_scheduled_actions", "ScheduledActions"
        return self._of_targets(operation, key, ScheduledAction.from_answer, resource_ids)

    def activities(
        self, resource_ids: Collection[str], most: int, *, not_scaled: bool
    ) -> list[ScalingActivity]:
        """Return the newest activities, about `most` of each target.

        `not_scaled` also includes the attempts that changed nothing.
        """
        is_few = len(resource_ids) < MANY
        return self._of_targets(
            "describe_scaling_activities",
            "ScalingActivities",
            ScalingActivity.from_answer,
            resource_ids,
            IncludeNotScaledActivities=not_scaled,
            PaginationConfig={"MaxItems": most if is_few else most * MANY},
        )

    def _of_targets(
        self,
        operation: str,
        key: str,
        convert: Callable[[Answer], Value],
        resource_ids: Collection[str],
        **parameters: object,
    ) -> list[Value]:
        paginator = self._client.get_paginator(operation)

        def read(resource_id: str | None) -> list[Answer]:
            only = {} if resource_id is None else {"ResourceId": resource_id}
            pages = paginator.paginate(ServiceNamespace="ecs", **only, **parameters)
            return [answer for page in pages for answer in page[key]]

        is_few = len(resource_ids) < MANY
        answers = side_by_side(read, resource_ids) if is_few else [read(None)]
        values = (convert(answer) for batch in answers for answer in batch)
        return [value for value in values if value.resource_id in resource_ids]

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of a target; empty for a deregistered one."""
        return tags_of(self._client.list_tags_for_resource, ResourceARN=arn)

    def register(
        self,
        resource_id: str,
        *,
        least: int,
        most: int | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Register a target, or change its limits. A `most` or `tags` of None changes nothing."""
        given = {"MaxCapacity": most, "Tags": tags}
        parameters = {name: value for name, value in given.items() if value is not None}
        self._client.register_scalable_target(
            **target_key(resource_id), MinCapacity=least, **parameters
        )

    def deregister(self, resource_id: str) -> None:
        """Deregister a target; AWS deletes its policies and scheduled actions."""
        with unless_gone():
            self._client.deregister_scalable_target(**target_key(resource_id))

    def put_policy(self, request: Request) -> str:
        """Send a request of `policy_request`. Return the policy's ARN."""
        return str(self._client.put_scaling_policy(**request.parameters)["PolicyARN"])

    def delete_policy(self, resource_id: str, name: str) -> None:
        """Delete a policy, and the alarms that AWS created for it."""
        with unless_gone():
            self._client.delete_scaling_policy(**target_key(resource_id), PolicyName=name)

    def put_action(self, request: Request) -> None:
        """Send a request of `action_request`."""
        self._client.put_scheduled_action(**request.parameters)

    def delete_action(self, resource_id: str, name: str) -> None:
        """Delete a scheduled action."""
        with unless_gone():
            self._client.delete_scheduled_action(
                **target_key(resource_id), ScheduledActionName=name
            )


def policy_request(resource_id: str, name: str, properties: Mapping[str, Any]) -> Request:
    """Return the request that puts a scaling policy."""
    key = {**target_key(resource_id), "PolicyName": name}
    return Request(_SERVICE, "PutScalingPolicy", {**key, **properties})


def action_request(resource_id: str, name: str, properties: Mapping[str, Any]) -> Request:
    """Return the request that puts a scheduled action."""
    key = {**target_key(resource_id), "ScheduledActionName": name}
    return Request(_SERVICE, "PutScheduledAction", {**key, **properties})
