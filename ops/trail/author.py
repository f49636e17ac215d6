"""From the trail to a sentence: who changed a resource last. Pure.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_AGENT = "ops"  # what `ops.aws` adds to the user agent of every call


@dataclass(frozen=True)
class Event:
    """One write that the trail holds."""

    operation: str
    time: datetime
    record: Mapping[str, Any]  # CloudTrail's own, parsed

    @classmethod
    def from_lookup(cls, event: Mapping[str, Any]) -> "Event":
        """From an item of LookupEvents' answer."""
        record: dict[str, Any] = json.loads(event["CloudTrailEvent"])
        return cls(event["EventName"], event["EventTime"].astimezone(UTC), record)

    def is_about(self, name: str) -> bool:
        """Whether the call names the resource.

        A plan's name is that in AWS, or `<service>/<name>` where AWS keeps it in two fields.
        """
        texts = list(_texts(self.record.get("requestParameters")))
        return name in texts or all(
            any(part == text or text.endswith(f"-{part}") or f"/{part}" in text for text in texts)
            for part in name.split("/")
        )

    @property
    def author(self) -> str:
        """Who did it, and when."""
        return f"{self._who} ({self.operation}, {self.time:%Y-%m-%d %H:%M} UTC)"

    @property
    def _who(self) -> str:
        identity: Mapping[str, Any] = self.record.get("userIdentity") or {}
        through = str(identity.get("invokedBy") or self.record.get("sourceIPAddress") or "")
        if "cloudformation.amazonaws.com" in through:
            return "Copilot, through CloudFormation"
        if "autoscaling.amazonaws.com" in through:
            return "an autoscaler"
        person = str(identity.get("userName") or identity.get("arn") or "somebody").rsplit("/", 1)[
            -1
        ]
        if _AGENT in str(self.record.get("userAgent", "")).strip("[]").split():
            return f"ops, run by {person}: since then the files have changed"
        return f"{person}, by hand"


def authors(names: Iterable[str], events: Iterable[Event]) -> dict[str, str]:
    """For each name, who wrote it last; names that no event is about are left out."""
    latest = sorted(events, key=lambda event: event.time, reverse=True)
    found = {
        name: next((event.author for event in latest if event.is_about(name)), None)
        for name in names
    }
    return {name: author for name, author in found.items() if author is not None}


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)
        case _:
            return
