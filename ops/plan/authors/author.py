"""The last author of a resource, from CloudTrail events. Pure.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ops.plan.remote import Trace

_REMOVALS = ("Delete", "Deregister", "Unsubscribe")  # how the names of such operations begin
_AGENT = "ops"  # what `ops.aws.client` adds to the user agent of every call


@dataclass(frozen=True)
class Event:
    """A write in CloudTrail."""

    operation: str
    time: datetime
    record: Mapping[str, Any]  # CloudTrail's own, parsed

    @classmethod
    def from_lookup(cls, event: Mapping[str, Any]) -> "Event":
        """Read an event from an answer of LookupEvents."""
        record: dict[str, Any] = json.loads(event["CloudTrailEvent"])
        return cls(event["EventName"], event["EventTime"].astimezone(UTC), record)

    @property
    def is_removal(self) -> bool:
        """Return whether the call deleted its resource."""
        return self.operation.startswith(_REMOVALS)

    def is_about(self, traces: Sequence[Trace]) -> bool:
        """Return whether the call names a resource with these parameters."""
        given = self.record.get("requestParameters") or {}
        return any(
            all(_names(given.get(parameter), value) for parameter, value in trace.items())
            for trace in traces
        )

    @property
    def author(self) -> str:
        """Return who made the call, and when."""
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
            since = "" if self.is_removal else ": since then the files have changed"
            return f"ops, run by {person}{since}"
        return f"{person}, manually"


def author_of(traces: Sequence[Trace], events: Iterable[Event], *, is_there: bool) -> str | None:
    """Return who wrote a resource last or, if it is missing, who deleted it; None if unknown.

    The trail is some minutes behind. So the author of an existing resource is the author of the
    last call that was not a deletion. The author of a deletion is known only if it was the last
    call.
    """
    about = [event for event in events if event.is_about(traces)]
    if is_there:
        about = [event for event in about if not event.is_removal]
    last = max(about, key=lambda event: event.time, default=None)
    return last.author if last is not None and (is_there or last.is_removal) else None


def _names(given: object, value: str | None) -> bool:
    """Return whether a parameter has a value, alone or in a list."""
    return value in given if isinstance(given, list) else value == given
