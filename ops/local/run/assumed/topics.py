"""Topics that services of other workspaces publish.

Copilot refuses a Worker Service if no topic with the name and tags of its subscription exists.
Source: aws/copilot-cli, internal/pkg/cli/deploy/worker.go (`validateTopicsExist`) and
internal/pkg/deploy/deploy.go (`ListSNSTopics`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ops.local import assumptions
from ops.local.run.preflight import subscriptions, workloads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.copilot.workspace import Service, Workspace
    from ops.local.endpoint.server import EmbeddedAws

_FIFO = ".fifo"


def seed(workspace: Workspace, environment: str, aws: EmbeddedAws) -> None:
    """Create each subscribed topic of a service that this workspace does not have."""
    services = {service.name for service in workloads(workspace)}
    topics = {
        topic: publisher
        for service in workloads(workspace)
        for publisher, topic in _topics(service, environment)
        if publisher not in services
    }
    for topic, publisher in topics.items():
        name = f"{workspace.application}-{environment}-{publisher}-{topic}"
        tags = {
            "copilot-application": workspace.application,
            "copilot-environment": environment,
            "copilot-service": publisher,
        }
        aws.client("sns").create_topic(
            Name=name,
            Attributes={"FifoTopic": "true"} if name.endswith(_FIFO) else {},
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        assumptions.note(
            f"the topic {name} exists: the service `{publisher}` is not in this workspace"
        )


def _topics(service: Service, environment: str) -> Iterator[tuple[str, str]]:
    """Yield publisher and topic of each subscription; Copilot names a FIFO queue's topic `.fifo`.

    https://aws.github.io/copilot-cli/docs/manifest/worker-service/#subscribe-queue-fifo
    """
    subscribe = service.manifest_in(environment).get("subscribe")
    for topic in subscriptions(service, environment):
        is_fifo = _has_fifo(topic) or _has_fifo(subscribe)
        yield str(topic.get("service")), f"{topic.get('name')}{_FIFO if is_fifo else ''}"


def _has_fifo(section: Any) -> bool:
    queue = section.get("queue") if isinstance(section, dict) else None
    return bool(queue.get("fifo")) if isinstance(queue, dict) else False
