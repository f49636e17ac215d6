"""Deployment strategies, and the order of publishers and subscribers."""

from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Subject
from ops.check.subject.plain import dig, mapping
from ops.copilot.workload import SERVICES, WORKER

_ROLLING = ("default", "recreate")


@rule(
    Severity.ERROR,
    "https://aws.github.io/copilot-cli/docs/manifest/backend-service/#deployment-rolling",
)
def rolling_strategy(subject: Subject) -> Iterator[Hit]:
    """Copilot does not know a service's deployment strategy.

    Why: Copilot refuses the manifest.

    Fix: Write `default`, or `recreate` to stop the old tasks first.
    """
    for variant in subject.variants(*SERVICES):
        written = dig(variant.data, "deployment", "rolling")
        if written is not None and "$" not in str(written) and str(written).lower() not in _ROLLING:
            yield variant.hit(("deployment", "rolling"), f"rolling is `{written}`")


@rule(
    Severity.ERROR,
    "https://aws.github.io/copilot-cli/docs/manifest/worker-service/#subscribe-topics",
)
def topic_missing(subject: Subject) -> Iterator[Hit]:
    """A Worker Service subscribes to a topic that the named service does not publish.

    Why: Copilot refuses the deployment.

    Fix: Correct the names, or add the topic to `publish.topics` of the other service and deploy
    that first.
    """
    published = _published(subject)
    for variant in subject.variants(WORKER):
        topics = dig(variant.data, "subscribe", "topics")
        for index, topic in enumerate(topics if isinstance(topics, list) else ()):
            service, name = (str(mapping(topic).get(key)) for key in ("service", "name"))
            if service in published and name not in published[service] and "$" not in name:
                at = ("subscribe", "topics", index)
                yield variant.hit(at, f"`{service}` does not publish `{name}`")


def _published(subject: Subject) -> dict[str, set[str]]:
    """Return the topics of each service of the workspace, except services whose addons create
    topics.
    """
    published: dict[str, set[str]] = {manifest.name: set() for manifest in subject.manifests}
    for addon in subject.addons:
        if any(addon.resources("AWS::SNS::Topic")):
            published.pop(addon.workload or "", None)
    for variant in subject.variants():
        topics = dig(variant.data, "publish", "topics")
        for topic in topics if isinstance(topics, list) else ():
            published.get(variant.workload, set()).add(str(mapping(topic).get("name")))
    return published
