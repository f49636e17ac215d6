"""The desired topics and subscriptions of an environment. Pure: settings in, properties out.

https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
"""

from collections.abc import Iterator, Sequence

from ops.base.errors import OpsError
from ops.copilot.place import EnvironmentPlace
from ops.kinds.topics.names import (
    PROTOCOLS,
    STATEMENT,
    TOPIC_STAGE,
    Subscription,
    statement,
    topic_name,
)
from ops.kinds.topics.settings import Settings
from ops.plan.model import Json, Resource

_LONGEST_DISPLAY_NAME = 100


def desired(settings: Settings, place: EnvironmentPlace) -> list[Resource]:
    """Return the topics that `copilot/ops.yml` declares without an ARN, and their subscriptions.

    One statement of a topic's policy belongs to `ops`, by its Sid. A statement of None removes it,
    if rules publish as a role. A subscription has no properties: it exists, confirmed or not. Raise
    OpsError for two that differ only in their secrets.
    """
    return list(_resources(settings, place))


def _resources(settings: Settings, place: EnvironmentPlace) -> Iterator[Resource]:
    for severity, topic in settings.topics.items():
        if topic.arn is not None:
            continue
        name = topic_name(place.application, place.environment, severity)
        # The sender of the mails.
        shown_as = f"{place.application} {place.environment} {severity}"[:_LONGEST_DISPLAY_NAME]
        properties: dict[str, Json] = {"DisplayName": shown_as}
        if place.services:  # the source of the account and the region
            open_to_rules = statement(name, place.services[0].stack)
            properties["Policy"] = {STATEMENT: None if settings.events_role else open_to_rules}
        yield Resource(name, properties, place.tags, stage=TOPIC_STAGE)
        for protocol, endpoints in zip(PROTOCOLS, (topic.email, topic.https), strict=True):
            named = {url: Subscription(name, protocol, url).name for url in endpoints}
            _check_apart(severity, list(named.values()))
            for endpoint, shown in named.items():
                yield Resource(shown, {}, place.tags, stage=1, secret=endpoint)


def _check_apart(severity: str, names: Sequence[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        endpoint = Subscription.of_name(twice).endpoint
        raise OpsError(
            f"Two subscriptions of `{severity}` differ only in a password or key, which SNS or ops "
            f"masks: {endpoint}",
            "Remove one of them, or give it another user, path or query.",
        )
