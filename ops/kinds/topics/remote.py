"""Topics and subscriptions in SNS: the only code that reads and writes them."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import Any

from botocore.exceptions import ClientError

from ops.aws.access import Access
from ops.aws.client import IDENTITY, Aws, code_of, side_by_side, tags_of, unless_gone
from ops.base.errors import OpsError
from ops.copilot.place import EnvironmentPlace
from ops.kinds.topics.names import (
    CLOSING_STAGE,
    PROTOCOLS,
    STATEMENT,
    TOPIC_STAGE,
    Subscription,
    declared,
    topic_arn,
    topic_name,
)
from ops.kinds.topics.settings import SEVERITIES
from ops.plan.model import Change, Create, Delete, Json, Live, Plan, Update
from ops.plan.remote import Trace

ACCESS = Access(
    "sns",
    reads=("GetTopicAttributes", "ListSubscriptionsByTopic", "ListTagsForResource"),
    writes=("CreateTopic", "SetTopicAttributes", "DeleteTopic", "Subscribe", "Unsubscribe"),
    implied=("sns:TagResource",),
)
_RULES = Access("events", reads=("ListRuleNamesByTarget", "ListTargetsByRule"))
_PENDING = "PendingConfirmation"
# Amazon Q Developer in chat applications (AWS Chatbot) subscribes itself to its topics.
_AWS_OWN = ".chatbot.amazonaws.com"


class Remote:
    """The topics of one environment, with their subscriptions by mail and HTTPS.

    A subscription that waits for its confirmation exists for `read`, but is not in the inventory:
    nobody can remove it, and SNS forgets it after two days.
    https://docs.aws.amazon.com/sns/latest/dg/sns-delete-subscription-topic.html
    """

    def __init__(self, aws: Aws, places: Sequence[EnvironmentPlace]) -> None:
        self._aws = aws
        self._place = places[0]
        self._client = aws.client(ACCESS)
        self._rules = aws.client(_RULES)
        self._subscribed_to: dict[str, list[Live]] = {}  # by topic
        # ARNs by name; two for endpoints that differ only in the password.
        self._subscriptions = defaultdict[str, set[str]](set)

    def read(self, names: Collection[str]) -> list[Live]:
        """Read topics with one call for each, subscriptions with one for each 100 of a topic."""
        topics = sorted(name for name in names if "/" not in name)
        with_subscriptions = sorted({name.split("/", 1)[0] for name in names if "/" in name})
        subscriptions = chain.from_iterable(side_by_side(self._subscribed, with_subscriptions))
        return [
            *(live for live in side_by_side(self._topic, topics) if live is not None),
            *(live for live in subscriptions if live.name in names),
        ]

    def _topic(self, name: str) -> Live | None:
        try:
            answer = self._client.get_topic_attributes(TopicArn=self._arn(name))
        except ClientError as error:
            if code_of(error) != "NotFound":
                raise
            return None
        attributes: Mapping[str, str] = answer["Attributes"]
        confirmed = attributes.get("SubscriptionsConfirmed", "0")
        pending = attributes.get("SubscriptionsPending", "0")
        return Live(
            name,
            {
                "DisplayName": attributes.get("DisplayName", ""),
                "Policy": {
                    statement["Sid"]: {
                        key: value for key, value in statement.items() if key != "Sid"
                    }
                    for statement in _statements(attributes)
                    if statement.get("Sid") == STATEMENT
                },
            },
            {"state": f"{confirmed} confirmed, {pending} pending", "arn": self._arn(name)},
            stage=TOPIC_STAGE,
        )

    def _subscribed(self, topic: str) -> list[Live]:
        if topic not in self._subscribed_to:
            try:
                self._subscribed_to[topic] = list(self._subscriptions_of(topic))
            except ClientError as error:
                if code_of(error) != "NotFound":
                    raise
                self._subscribed_to[topic] = []
        return self._subscribed_to[topic]

    def _subscriptions_of(self, topic: str) -> Iterator[Live]:
        pages = self._client.get_paginator("list_subscriptions_by_topic")
        for page in pages.paginate(TopicArn=self._arn(topic)):
            for subscription in page["Subscriptions"]:
                arn: str = subscription["SubscriptionArn"]
                pending = arn == _PENDING
                if subscription["Protocol"] not in PROTOCOLS or not (
                    pending or arn.startswith("arn:")
                ):
                    continue  # of a protocol that is not declared, or removed a moment ago
                name = Subscription(topic, subscription["Protocol"], subscription["Endpoint"]).name
                if not pending:
                    self._subscriptions[name].add(arn)
                state = "pending confirmation" if pending else "confirmed"
                yield Live(name, {}, {"state": state, "arn": None if pending else arn}, stage=1)

    def inventory(self) -> Collection[str]:
        """Return the topics with our tags, and their subscriptions: one call for each 100.

        Return nothing if a declared `arn` belongs to a topic that `ops` created: then another
        workspace of the application manages the environment's topics.
        """
        place = self._place
        ours = {topic_name(place.application, place.environment, level) for level in SEVERITIES}
        settings = declared(place)
        given = settings.given if settings else ()
        if any(arn.rsplit(":", 1)[1] in ours for arn in given):
            return ()
        topics = self._tagged
        subscribed = chain.from_iterable(side_by_side(self._subscribed, topics))
        return {
            *topics,
            *(
                live.name
                for live in subscribed
                if live.name in self._subscriptions and not _is_aws_own(live.name)
            ),
        }

    @cached_property
    def _tagged(self) -> Mapping[str, str]:
        """Return the ARNs of the topics with our tags, by name."""
        arns = self._aws.tagged("sns", self._place.tags)
        return {arn.rsplit(":", 1)[1]: arn for arn in arns}

    def owned(self, names: Collection[str]) -> Collection[str]:
        """Return the topics with our tags, one call for each, and their subscriptions."""
        topics = sorted({name.split("/", 1)[0] for name in names})
        ours = {
            name
            for name, is_ours in zip(topics, side_by_side(self._is_ours, topics), strict=True)
            if is_ours
        }
        return {name for name in names if name.split("/", 1)[0] in ours}

    def _is_ours(self, topic: str) -> bool:
        tags = tags_of(self._client.list_tags_for_resource, ResourceArn=self._arn(topic))
        return self._place.tags.items() <= tags.items()

    def review(self, plan: Plan) -> Plan:
        """Return the plan, with topics whose statement is removed after the rules have got their
        role.
        """
        return replace(plan, changes=tuple(map(_closing_late, plan.changes)))

    def create(self, change: Create) -> None:
        """Create a topic with its tags, then its statement; or subscribe to a topic of ours."""
        if "/" not in change.name:
            tags = [{"Key": key, "Value": value} for key, value in change.wanted.tags.items()]
            attributes: Any = {"DisplayName": change.result["DisplayName"]}
            self._client.create_topic(Name=change.name, Attributes=attributes, Tags=tags)
            self._put_statement(change)
            return
        subscription = Subscription.of_name(change.name)
        if not self._is_ours(subscription.topic):
            raise OpsError(
                f"The topic {subscription.topic} was not created by ops",
                "Declare it with its `arn` in copilot/ops.yml, or delete it manually.",
            )
        self._client.subscribe(
            TopicArn=self._arn(subscription.topic),
            Protocol=subscription.protocol,
            Endpoint=change.wanted.secret,
        )

    def update(self, change: Update) -> None:
        """Set each attribute that differs. A subscription has none."""
        changed = {field.path.split(".")[0] for field in change.fields}
        if "DisplayName" in changed:
            self._set(change.name, "DisplayName", change.result["DisplayName"])
        if "Policy" in changed:
            self._put_statement(change)

    def _put_statement(self, change: Create | Update) -> None:
        """Replace or remove our statement; all others stay."""
        declared: Any = change.wanted.properties.get("Policy")
        if not declared:
            return
        topic = self._client.get_topic_attributes(TopicArn=self._arn(change.name))["Attributes"]
        present = _statements(topic)
        others = [statement for statement in present if statement.get("Sid") not in declared]
        ours = [
            {"Sid": sid, **{key: value for key, value in fields.items() if value is not None}}
            for sid, fields in declared.items()
            if fields is not None
        ]
        if not ours and len(others) == len(present):
            return
        if not ours:
            self._check_rules(change.name)
        if not ours and not others:
            raise OpsError(
                f"The policy of {change.name} would have no statement left, so alarms could not "
                "publish to it",
                "Add a statement that lets CloudWatch's alarms publish, then run the same command "
                "again.",
            )
        policy = {**json.loads(topic.get("Policy") or "{}"), "Statement": [*others, *ours]}
        self._set(change.name, "Policy", json.dumps(policy))

    def _check_rules(self, topic: str) -> None:
        """Raise OpsError if a rule without a role notifies a topic: it needs our statement.

        One call for each 100 rules, and one for the targets of each.
        """
        arn = self._arn(topic)
        pages = self._rules.get_paginator("list_rule_names_by_target").paginate(TargetArn=arn)
        for rule in (name for page in pages for name in page["RuleNames"]):
            pages_of_rule = self._rules.get_paginator("list_targets_by_rule").paginate(Rule=rule)
            targets = [target for page in pages_of_rule for target in page["Targets"]]
            if any(target["Arn"] == arn and not target.get("RoleArn") for target in targets):
                raise OpsError(
                    f"The rule {rule} notifies {topic} without a role, so its events would be lost",
                    f"Run `ops events sync --env {self._place.environment}` first, or give the "
                    "rule's target a role, or delete the rule.",
                )

    def _set(self, topic: str, attribute: str, value: Json) -> None:
        self._client.set_topic_attributes(
            TopicArn=self._arn(topic), AttributeName=attribute, AttributeValue=value
        )

    def delete(self, change: Delete) -> None:
        """Delete a topic, which ends its subscriptions too; or unsubscribe."""
        if "/" not in change.name:
            with unless_gone():
                self._client.delete_topic(TopicArn=self._arn(change.name))
        for subscription in sorted(self._subscriptions.get(change.name, ())):
            with unless_gone():
                self._client.unsubscribe(SubscriptionArn=subscription)

    def traces(self, name: str) -> list[Trace]:
        """Name a topic by its name or ARN, a subscription by the parameters of Subscribe.

        Two authors remain unknown: of the end of a subscription, whose call has only its ARN, and
        of a subscription with a secret in its endpoint.
        """
        if "/" not in name:
            return [{"name": name}, {"topicArn": self._arn(name), "protocol": None}]
        of = Subscription.of_name(name)
        arn = self._arn(of.topic)
        return [{"topicArn": arn, "protocol": of.protocol, "endpoint": of.endpoint}]

    def _arn(self, topic: str) -> str:
        if self._place.services:
            return topic_arn(topic, self._place.services[0].stack)
        if topic in self._tagged:
            return self._tagged[topic]
        # An environment of jobs, App Runner services or static sites has no stack of a service.
        return f"{self._prefix}:{topic}"

    @cached_property
    def _prefix(self) -> str:
        caller = self._aws.client(IDENTITY).get_caller_identity()["Arn"].split(":")
        return f"arn:{caller[1]}:sns:{self._client.meta.region_name}:{caller[4]}"


def _closing_late(change: Change) -> Change:
    """Return an update that removes our statement in the stage of a topic that is closed."""
    if isinstance(change, Update) and any(
        field.keys == ("Policy", STATEMENT) and field.new is None for field in change.fields
    ):
        return replace(change, wanted=replace(change.wanted, stage=CLOSING_STAGE))
    return change


def _statements(attributes: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the statements of a topic's policy; IAM accepts a single one without a list."""
    statements: Any = json.loads(attributes.get("Policy") or "{}").get("Statement", [])
    return list(statements) if isinstance(statements, list) else [statements]


def _is_aws_own(subscription: str) -> bool:
    endpoint = Subscription.of_name(subscription).endpoint
    return endpoint.removeprefix("https://").split("/", 1)[0].endswith(_AWS_OWN)
