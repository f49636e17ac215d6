"""The names of topics and subscriptions. Pure.

A subscription is `<topic>/<protocol>/<endpoint>`, with an endpoint without secrets; a topic's name
has no slash.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ops.base.errors import OpsError
from ops.base.urls import without_secrets
from ops.copilot.place import EnvironmentPlace, ServicePlace, ServiceStack
from ops.kinds.topics.settings import SEVERITIES, Settings
from ops.plan.model import Json

PROTOCOLS = ("email", "https")  # of the subscriptions that are declared
STATEMENT = (
    "OpsEvents"  # the Sid (letters and digits) of the one statement in a policy that is ours
)
TOPIC_STAGE = -1  # before the alarms and rules that notify them
CLOSING_STAGE = 1  # of a topic that rules may only publish to as a role: after these rules


def topic_name(application: str, environment: str, severity: str) -> str:
    """Return the name of a topic that `ops` creates."""
    return f"{application}-{environment}-{severity}"


@dataclass(frozen=True)
class Subscription:
    """An endpoint that gets a topic's messages."""

    topic: str
    protocol: str
    endpoint: str

    @property
    def name(self) -> str:
        """Return the name in plans: the same before and after SNS creates the subscription."""
        return f"{self.topic}/{self.protocol}/{without_secrets(self.endpoint)}"

    @classmethod
    def of_name(cls, name: str) -> "Subscription":
        """Parse its name in plans, which lacks the secrets of the endpoint."""
        return cls(*name.split("/", 2))


def topic_arn(name: str, stack: ServiceStack) -> str:
    """Return the ARN of a topic in the partition, region and account of a service."""
    return f"arn:{stack.partition}:sns:{stack.region}:{stack.account}:{name}"


def statement(name: str, stack: ServiceStack) -> Json:
    """Return the statement that lets EventBridge publish to a topic: every rule of any account.

    SNS's default policy lets CloudWatch alarms of the account publish, and no rules. AWS: "You
    can't use Condition blocks in Amazon SNS topic policies for EventBridge." With a condition,
    messages could be dropped silently. None removes an existing statement. Rules that publish as a
    role need no statement: docs/decisions/0030-rules-publish-as-a-role.md.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    """
    return {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic_arn(name, stack),
        "Condition": None,
    }


def events_role(place: ServicePlace) -> str | None:
    """Return the ARN of the role that rules publish as; None for the topics' own statement."""
    settings, stack = declared(place), place.stack
    if settings is None or settings.events_role is None:
        return None
    return f"arn:{stack.partition}:iam::{stack.account}:role/{settings.events_role}"


def notified(place: ServicePlace) -> Mapping[str, str]:
    """Return the ARN of the topic for each severity that has one in the environment.

    Raise OpsError for an existing topic in another region than the service: an alarm can only
    notify topics of its own region.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    """
    stack, settings = place.stack, declared(place)
    arns = dict[str, str]()
    for severity, topic in (settings.topics if settings else {}).items():
        ours = topic_arn(topic_name(place.application, place.environment, severity), stack)
        arns[severity] = topic.arn or ours
        if (region := arns[severity].split(":")[3]) != stack.region:
            raise OpsError(
                f"The topic for `{severity}` is in {region}, and {stack.service} in {stack.region}",
                "Alarms notify topics of their own region: give one there in copilot/ops.yml, "
                f"`topics: {{{severity}: {{arn: …}}}}`.",
            )
    return arns


def settable(place: ServicePlace, topics: Mapping[str, str]) -> frozenset[str]:
    """Return the ARNs of the topics that only `ops` may set as an alarm's actions.

    These are the given `topics`, and all topics with names that `ops` gives, declared or not. A
    foreign topic that `copilot/ops.yml` no longer names looks as if it was added manually.
    """
    names = (topic_name(place.application, place.environment, level) for level in SEVERITIES)
    return frozenset({*topics.values(), *(topic_arn(name, place.stack) for name in names)})


def declared(place: ServicePlace | EnvironmentPlace) -> Settings | None:
    """Return the section `topics` of `copilot/ops.yml`."""
    settings: Settings | None = place.shared.get("topics")
    return settings
