"""What topics and subscriptions are called. Pure.

A subscription is `<topic>/<protocol>/<endpoint>`, its endpoint without secrets; a topic's name has
no stroke.
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
    """The name of a topic that `ops` makes."""
    return f"{application}-{environment}-{severity}"


@dataclass(frozen=True)
class Subscription:
    """Somebody who is told what a topic is told."""

    topic: str
    protocol: str
    endpoint: str

    @property
    def name(self) -> str:
        """Its name among resources, the same for what is declared and what SNS lists."""
        return f"{self.topic}/{self.protocol}/{without_secrets(self.endpoint)}"

    @classmethod
    def of_name(cls, name: str) -> "Subscription":
        """From its name among resources; what is secret in its endpoint is not to be had."""
        return cls(*name.split("/", 2))


def topic_arn(name: str, stack: ServiceStack) -> str:
    """The ARN of a topic beside a service: in its partition, region and account."""
    return f"arn:{stack.partition}:sns:{stack.region}:{stack.account}:{name}"


def statement(name: str, stack: ServiceStack) -> Json:
    """Return the statement that lets EventBridge publish to a topic: every rule of any account.

    SNS's default policy lets CloudWatch alarms of the account publish, and no rules. AWS: "You
    can't use Condition blocks in Amazon SNS topic policies for EventBridge." Under one, messages
    could be dropped silently; None takes away one that is there. Rules that publish as a role need
    no statement: docs/decisions/0030-rules-publish-as-a-role.md.
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

    Raise OpsError for a given topic in another region than the service: an alarm notifies none
    but its own region's.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    """
    stack, settings = place.stack, declared(place)
    found = dict[str, str]()
    for severity, topic in (settings.topics if settings else {}).items():
        made = topic_arn(topic_name(place.application, place.environment, severity), stack)
        found[severity] = topic.arn or made
        if (region := found[severity].split(":")[3]) != stack.region:
            raise OpsError(
                f"The topic for `{severity}` is in {region}, and {stack.service} in {stack.region}",
                "Alarms notify topics of their own region: give one there in copilot/ops.yml, "
                f"`topics: {{{severity}: {{arn: …}}}}`.",
            )
    return found


def settable(place: ServicePlace, topics: Mapping[str, str]) -> frozenset[str]:
    """Return the ARNs of the topics that an alarm has as actions by `ops` or not at all.

    The notified `topics`, and those that `ops` makes, declared or not: their names say whose
    they are. A given topic that `copilot/ops.yml` no longer names cannot be told from a manual one.
    """
    names = (topic_name(place.application, place.environment, each) for each in SEVERITIES)
    return frozenset({*topics.values(), *(topic_arn(name, place.stack) for name in names)})


def declared(place: ServicePlace | EnvironmentPlace) -> Settings | None:
    """Return what `copilot/ops.yml` says about topics."""
    settings: Settings | None = place.shared.get("topics")
    return settings
