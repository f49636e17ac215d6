"""Stand-ins on the embedded AWS for resources of the account that a manifest needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Topic = tuple[str, str]
"""A service, and the name of a topic that it publishes."""


class Account:
    """An application on the embedded AWS. `client` returns a boto3 client by service."""

    def __init__(self, client: Callable[[str], Any], application: str) -> None:
        self._client = client
        self._application = application

    def set_domain(self, domain: str) -> None:
        """Give the application a domain, where `internal/pkg/config/app.go` keeps it."""
        ssm, name = self._client("ssm"), f"/copilot/applications/{self._application}"
        settings = json.loads(ssm.get_parameter(Name=name)["Parameter"]["Value"])
        settings |= {"domain": domain, "domainHostedZoneID": "Z1"}
        ssm.put_parameter(Name=name, Value=json.dumps(settings), Overwrite=True)

    def create_topics(self, environment: str, topics: Iterable[Topic]) -> None:
        """Create topics as if the services that publish them were deployed."""
        sns = self._client("sns")
        for service, topic in topics:
            tags = {
                "copilot-application": self._application,
                "copilot-environment": environment,
                "copilot-service": service,
            }
            sns.create_topic(
                Name=f"{self._application}-{environment}-{service}-{topic}",
                Attributes={"FifoTopic": "true"} if topic.endswith(".fifo") else {},
                Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            )
