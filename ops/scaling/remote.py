"""Scaling policies in Application Auto Scaling: the only code that reads and writes them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ops.aws import Aws, side_by_side
from ops.place import ServicePlace
from ops.plan import Create, Delete, Json, Live, Update
from ops.scaling.desired import PREFIX

_CONFIGURATION = "TargetTrackingScalingPolicyConfiguration"


class Remote:
    """The policies on the scalable targets of some services."""

    def __init__(self, aws: Aws, places: Sequence[ServicePlace]) -> None:
        self._targets = {
            place.service: place.stack.scalable_target
            for place in places
            if place.stack.scalable_target is not None
        }
        self._client = aws.session.client("application-autoscaling", config=aws.config)
        self._read: dict[str, list[Live]] = {}

    def read(self, names: Collection[str]) -> list[Live]:
        """One call for each service among the names."""
        services = sorted({name.split("/", 1)[0] for name in names})
        policies = [live for answer in side_by_side(self._describe, services) for live in answer]
        return [live for live in policies if live.name in names]

    def _describe(self, service: str) -> list[Live]:
        if service not in self._read:
            pages = self._client.get_paginator("describe_scaling_policies").paginate(
                ServiceNamespace="ecs", ResourceId=self._targets[service]
            )
            self._read[service] = [
                _live(service, policy) for page in pages for policy in page["ScalingPolicies"]
            ]
        return self._read[service]

    def inventory(self) -> Collection[str]:
        """One call for each service that can scale."""
        policies = side_by_side(self._describe, self._targets)
        return self.owned([live.name for answer in policies for live in answer])

    def owned(self, names: Collection[str]) -> Collection[str]:
        """By the name: Application Auto Scaling gives policies no tags."""
        return {name for name in names if name.split("/", 1)[1].startswith(PREFIX)}

    def create(self, change: Create) -> None:
        """PutScalingPolicy; AWS makes the alarms of the policy itself."""
        self._put(change.name, change.result)

    def update(self, change: Update) -> None:
        """PutScalingPolicy with everything the policy has, the declared fields renewed."""
        self._put(change.name, change.result)

    def _put(self, name: str, properties: Mapping[str, Json]) -> None:
        parameters: dict[str, Any] = {**self._key(name), **properties}
        self._client.put_scaling_policy(**parameters)

    def delete(self, change: Delete) -> None:
        """DeleteScalingPolicy; its alarms go with it."""
        self._client.delete_scaling_policy(**self._key(change.name))

    def _key(self, name: str) -> dict[str, Any]:
        service, policy = name.split("/", 1)
        return {
            "PolicyName": policy,
            "ServiceNamespace": "ecs",
            "ResourceId": self._targets[service],
            "ScalableDimension": "ecs:service:DesiredCount",
        }


def _live(service: str, policy: Mapping[str, Any]) -> Live:
    properties: dict[str, Json] = {"PolicyType": policy["PolicyType"]}
    if _CONFIGURATION in policy:
        configuration = dict(policy[_CONFIGURATION])
        configuration.setdefault("DisableScaleIn", False)
        properties[_CONFIGURATION] = configuration
    state: dict[str, Json] = {
        "target": policy.get(_CONFIGURATION, {}).get("TargetValue"),
        "scales": policy["ResourceId"],
        "alarms": len(policy.get("Alarms", [])),
    }
    return Live(f"{service}/{policy['PolicyName']}", properties, state)
