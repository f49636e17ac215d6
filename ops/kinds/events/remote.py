"""Rules in EventBridge: the only code that reads and writes them."""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

from ops.aws.access import Access
from ops.aws.client import Aws, side_by_side, tags_of, unless_gone
from ops.aws.constraints import Request
from ops.base.errors import OpsError
from ops.copilot.neighbours import Neighbours
from ops.copilot.place import MANAGED_BY, ServicePlace
from ops.kinds.events.desired import as_text
from ops.plan.model import Create, Delete, Json, Live, Properties, Resource, Update
from ops.plan.remote import Trace

ACCESS = Access(
    "events",
    reads=("ListRules", "ListTagsForResource", "ListTargetsByRule"),
    writes=("PutRule", "PutTargets", "RemoveTargets", "DeleteRule"),
    implied=("events:TagResource", "iam:PassRole"),
)
_TARGET = "ops"  # the id of our target; a rule may have others, added manually
_WRITABLE = ("Description", "RoleArn", "State")  # fields that PutRule resets if they are omitted


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
        """Read rules: one call for each 100 of the environment, and one for the targets of each.

        A shortened name has the same prefix, unless the environment's name is that long.
        """
        rules = [self._rules[name] for name in sorted(names) if name in self._rules]
        targets = side_by_side(self._targets, [rule["Name"] for rule in rules])
        return list(map(_live, rules, targets))

    @cached_property
    def _rules(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the environment's rules by name, regardless of owner."""
        pages = self._client.get_paginator("list_rules").paginate(NamePrefix=self._prefix[:64])
        return {rule["Name"]: rule for page in pages for rule in page["Rules"]}

    def _targets(self, name: str) -> list[Mapping[str, Any]]:
        pages = self._client.get_paginator("list_targets_by_rule").paginate(Rule=name)
        return [target for page in pages for target in page["Targets"]]

    def inventory(self) -> Collection[str]:
        """Return all rules of the environment; `owned` reads the tags of undeclared ones."""
        return self._rules.keys()

    def owned(self, names: Collection[str]) -> Collection[str]:
        """Return the rules with our tags, read from each: the tag index lacks new rules."""
        services = dict(zip(names, side_by_side(self._service_of, names), strict=True))
        foreign = self._neighbours.among(services.values())
        return {name for name, service in services.items() if service not in foreign}

    def _service_of(self, name: str) -> str:
        """Return the service of a rule that `ops` created here; empty for any other rule."""
        tags = tags_of(self._client.list_tags_for_resource, ResourceARN=self._rules[name]["Arn"])
        return tags.get("copilot-service", "") if self._tags.items() <= tags.items() else ""

    def create(self, change: Create) -> None:
        """Put a rule with its tags, which AWS accepts only for a new one; then its target."""
        self._put(put_requests(change.name, change.result, change.wanted.tags))

    def update(self, change: Update) -> None:
        """Put a rule and its target again. Undeclared fields stay, such as a disabled state."""
        self._put(put_requests(change.name, change.result, {}))

    def requests(self, resource: Resource) -> Sequence[Request]:
        """Return the requests that create a rule."""
        return put_requests(resource.name, Create(resource).result, resource.tags)

    def _put(self, requests: tuple[Request, Request]) -> None:
        rule, targets = (request.parameters for request in requests)
        self._client.put_rule(**rule)
        answer = self._client.put_targets(**targets)
        for failed in answer.get("FailedEntries", ()):
            raise OpsError(
                f"EventBridge refused the target of {rule['Name']}: {failed.get('ErrorMessage')}",
                "Run the same command again.",
            )

    def delete(self, change: Delete) -> None:
        """Remove all targets, as AWS requires, then delete the rule."""
        with unless_gone():
            if targets := [target["Id"] for target in self._targets(change.name)]:
                self._client.remove_targets(Rule=change.name, Ids=targets)
        with unless_gone():
            self._client.delete_rule(Name=change.name)

    def traces(self, name: str) -> list[Trace]:
        """Return the parameters that name a rule; calls about its targets have another one."""
        return [{"name": name}, {"rule": name}]


def put_requests(
    name: str, properties: Properties, tags: Mapping[str, str]
) -> tuple[Request, Request]:
    """Return the requests that put a rule and its target."""
    rule: dict[str, Any] = {"Name": name, **properties}
    target = rule.pop("Target")
    if tags:
        rule["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    targets = {"Rule": name, "Targets": [{"Id": _TARGET, **target}]}
    return Request(ACCESS.service, "PutRule", rule), Request(ACCESS.service, "PutTargets", targets)


def _live(rule: Mapping[str, Any], targets: Sequence[Mapping[str, Any]]) -> Live:
    properties: dict[str, Json] = {key: rule[key] for key in _WRITABLE if rule.get(key)}
    if rule.get("EventPattern"):
        properties["EventPattern"] = as_text(json.loads(rule["EventPattern"]))
    ours = [target for target in targets if target["Id"] == _TARGET]
    for target in ours:
        properties["Target"] = {key: value for key, value in target.items() if key != "Id"}
    notified: Json = ours[0]["Arn"] if ours else None
    return Live(rule["Name"], properties, {"state": rule["State"], "notifies": notified})
