"""Rules in EventBridge: the only code that reads and writes them."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from ops.aws.access import Access
from ops.aws.client import Aws, side_by_side, tags_of, unless_gone
from ops.base.errors import OpsError
from ops.copilot.neighbours import Neighbours
from ops.copilot.place import MANAGED_BY, ServicePlace
from ops.kinds.events.desired import as_text
from ops.plan.model import Create, Delete, Json, Live, Update
from ops.plan.remote import Trace

ACCESS = Access(
    "events",
    reads=("ListRules", "ListTagsForResource", "ListTargetsByRule"),
    writes=("PutRule", "PutTargets", "RemoveTargets", "DeleteRule"),
    implied=("events:TagResource",),
)
_TARGET = "ops"  # the id of ours; a rule may have others, by hand
_WRITABLE = ("Description", "RoleArn", "State")  # what PutRule resets when it is not told


class Remote:
    """The rules of some services of one environment, on the account's default bus."""

    def __init__(self, aws: Aws, places: Sequence[ServicePlace]) -> None:
        place = places[0]
        self._prefix = f"{place.application}-{place.environment}-"
        self._tags = {
            **MANAGED_BY,
            "copilot-application": place.application,
            "copilot-environment": place.environment,
        }
        self._neighbours = Neighbours(aws, places)
        self._client = aws.client(ACCESS)

    def read(self, names: Collection[str]) -> list[Live]:
        """A call for each 100 rules of the environment, and one for the targets of each of these.

        A name that was shortened begins like the others, unless the environment's is that long.
        """
        found = [self._rules[name] for name in sorted(names) if name in self._rules]
        targets = side_by_side(self._targets, [each["Name"] for each in found])
        return [_live(rule, each) for rule, each in zip(found, targets, strict=True)]

    @cached_property
    def _rules(self) -> Mapping[str, Mapping[str, Any]]:
        """The environment's rules by name, whoever made them."""
        pages = self._client.get_paginator("list_rules").paginate(NamePrefix=self._prefix[:64])
        return {each["Name"]: each for page in pages for each in page["Rules"]}

    def _targets(self, name: str) -> list[Mapping[str, Any]]:
        pages = self._client.get_paginator("list_targets_by_rule").paginate(Rule=name)
        return [each for page in pages for each in page["Targets"]]

    def inventory(self) -> Collection[str]:
        """No call besides those of `read`: `owned` looks at the tags of undeclared rules only."""
        return self._rules.keys()

    def owned(self, names: Collection[str]) -> Collection[str]:
        """By their own tags: the index of tags does not know every rule at once."""
        services = dict(zip(names, side_by_side(self._service_of, names), strict=True))
        foreign = self._neighbours.among(services.values())
        return {name for name, service in services.items() if service not in foreign}

    def _service_of(self, name: str) -> str:
        """The service of a rule that `ops` made in this environment; empty for any other."""
        tags = tags_of(self._client.list_tags_for_resource, ResourceARN=self._rules[name]["Arn"])
        return tags.get("copilot-service", "") if self._tags.items() <= tags.items() else ""

    def create(self, change: Create) -> None:
        """PutRule with the tags, which it takes only for a rule that is new; then PutTargets."""
        tags = [{"Key": key, "Value": value} for key, value in change.wanted.tags.items()]
        self._put(change.name, change.result, {"Tags": tags})

    def update(self, change: Update) -> None:
        """The same, with everything that it has: who disabled a rule finds it disabled."""
        self._put(change.name, change.result, {})

    def _put(self, name: str, properties: dict[str, Any], more: Mapping[str, Any]) -> None:
        target = properties.pop("Target")
        self._client.put_rule(Name=name, **properties, **more)
        answer = self._client.put_targets(Rule=name, Targets=[{"Id": _TARGET, **target}])
        for failed in answer.get("FailedEntries", ()):
            raise OpsError(
                f"EventBridge did not take the target of {name}: {failed.get('ErrorMessage')}",
                "Run the same command again.",
            )

    def delete(self, change: Delete) -> None:
        """RemoveTargets, without which a rule cannot go, then DeleteRule."""
        with unless_gone():
            if targets := [each["Id"] for each in self._targets(change.name)]:
                self._client.remove_targets(Rule=change.name, Ids=targets)
        with unless_gone():
            self._client.delete_rule(Name=change.name)

    def traces(self, name: str) -> list[Trace]:
        """A rule by its name, which calls about its targets give as theirs."""
        return [{"name": name}, {"rule": name}]


def _live(rule: Mapping[str, Any], targets: Sequence[Mapping[str, Any]]) -> Live:
    properties: dict[str, Json] = {key: rule[key] for key in _WRITABLE if rule.get(key)}
    if rule.get("EventPattern"):
        properties["EventPattern"] = as_text(json.loads(rule["EventPattern"]))
    ours = [each for each in targets if each["Id"] == _TARGET]
    for each in ours:
        properties["Target"] = {key: value for key, value in each.items() if key != "Id"}
    notified: Json = ours[0]["Arn"] if ours else None
    return Live(rule["Name"], properties, {"state": rule["State"], "notifies": notified})
