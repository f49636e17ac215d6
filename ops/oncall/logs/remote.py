"""Log events in CloudWatch Logs: the only code that reads them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import merge
from typing import Any

from ops.aws.access import Access
from ops.aws.client import Aws, AwsError, explain, side_by_side
from ops.base.errors import OpsError
from ops.oncall.logs.event import LogEvent

LOGS = Access("logs", ("FilterLogEvents",))


@dataclass(frozen=True)
class Ask:
    """The range and the pattern to read of each log group. Times are milliseconds since 1970, ends
    included.
    """

    since: int
    until: int | None = None
    pattern: str = ""


@dataclass
class _Group:
    """A log group that is being read page by page."""

    service: str
    name: str
    page: list[LogEvent] = field(default_factory=list)
    token: str | None = None


class Logs:
    """The log groups of some services, by service name. `problems` holds unreadable ones."""

    def __init__(self, aws: Aws, groups: Mapping[str, str | None]) -> None:
        self._client = aws.client(LOGS)
        self._groups = {service: group for service, group in groups.items() if group}
        self.services = tuple(self._groups)
        self.problems = [
            OpsError(f"The stack of `{service}` has no log group")
            for service, group in groups.items()
            if not group
        ]

    def read(self, ask: Ask) -> Iterator[LogEvent]:
        """Yield the events of all services in chronological order.

        The first pages are read concurrently, the others when they are needed, so that a long range
        needs little memory. An error in one group does not stop the others.
        """
        groups = [_Group(service, name) for service, name in self._groups.items()]
        side_by_side(lambda group: self._turn(group, ask), groups)
        ordered = (self._events(group, ask) for group in groups)
        return merge(*ordered, key=lambda event: event.timestamp)

    def read_one(self, service: str, ask: Ask, most_pages: int | None = None) -> list[LogEvent]:
        """Return all events of one service; raise AWS's errors. Pages hold up to 10,000 events."""
        group = _Group(service, self._groups[service])
        events: list[LogEvent] = []
        pages = 0
        while pages == 0 or (group.token and pages != most_pages):
            self._fetch(group, ask)
            events += group.page
            pages += 1
        return events

    def _events(self, group: _Group, ask: Ask) -> Iterator[LogEvent]:
        while True:
            yield from group.page
            if group.token is None:
                return
            self._turn(group, ask)

    def _turn(self, group: _Group, ask: Ask) -> None:
        try:
            self._fetch(group, ask)
        except AwsError as error:
            self.problems.append(problem_of(group.service, error))
            group.page, group.token = [], None

    def _fetch(self, group: _Group, ask: Ask) -> None:
        """Fetch the next page of a log group.

        https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
        """
        parameters: dict[str, Any] = {
            "logGroupName": group.name,
            "startTime": ask.since,
            "interleaved": True,  # what AWS does anyway: streams merged by time
        }
        if ask.until is not None:
            parameters["endTime"] = ask.until
        if ask.pattern:
            parameters["filterPattern"] = ask.pattern
        if group.token:
            parameters["nextToken"] = group.token
        answer = self._client.filter_log_events(**parameters)
        group.page = [_event(group.service, event) for event in answer["events"]]
        group.token = answer.get("nextToken")


def problem_of(service: str, error: BaseException) -> OpsError:
    """Return the error for a service whose logs could not be read."""
    why = explain(error)
    return OpsError(f"The logs of `{service}` could not be read: {why.what}", why.next_step)


def _event(service: str, answer: dict[str, Any]) -> LogEvent:
    return LogEvent(
        answer["timestamp"], service, answer["logStreamName"], answer["eventId"], answer["message"]
    )
