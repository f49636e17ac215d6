"""CloudTrail's event history: the only code that reads it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from ops.aws.access import Access
from ops.aws.client import Aws, side_by_side
from ops.plan.authors.author import Event

ACCESS = Access("cloudtrail", reads=("LookupEvents",))

_DAYS = 90  # as long as CloudTrail keeps the history that costs nothing
_MOST = 200  # events of one operation; the latest come first


def last_events(aws: Aws, operations: Iterable[str]) -> list[Event]:
    """Return the latest calls of some operations, at most 200 of each: a call for each 50.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
    """
    pages = aws.client(ACCESS).get_paginator("lookup_events")
    since = datetime.now(UTC) - timedelta(days=_DAYS)

    def of(operation: str) -> list[Event]:
        pages_of_events = pages.paginate(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": operation}],
            StartTime=since,
            PaginationConfig={"MaxItems": _MOST},
        )
        return [Event.from_lookup(event) for page in pages_of_events for event in page["Events"]]

    return [event for events in side_by_side(of, sorted(operations)) for event in events]
