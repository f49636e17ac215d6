"""Following a log while others write to it, without gaps or duplicates. Pure.

CloudWatch ingests events late and out of order. Each round therefore reads the last minute before
the newest event again, and recognises new events by their IDs.
"""

from collections.abc import Iterable

from ops.oncall.logs.event import LogEvent

OVERLAP = 60_000  # milliseconds by which an event may come later than a newer one
LATEST = 600_000  # and than its own time, however quiet the log is


class Follower:
    """The events seen so far in one log group. Times are milliseconds since 1970, in UTC."""

    def __init__(self, since: int) -> None:
        self._since = since
        self._seen: dict[str, int] = {}

    @property
    def since(self) -> int:
        """Return the start of the next round."""
        return self._since

    def fresh(self, events: Iterable[LogEvent], now: int) -> list[LogEvent]:
        """Return the events that were not seen before, in chronological order.

        An event with a future timestamp does not move the start beyond `now`.
        """
        new = {event.id: event for event in events if event.id not in self._seen}
        self._seen |= {event.id: event.timestamp for event in new.values()}
        newest = max((min(event.timestamp, now) for event in new.values()), default=0)
        self._since = max(self._since, newest - OVERLAP, now - LATEST)
        self._seen = {id_: at for id_, at in self._seen.items() if at >= self._since}
        return sorted(new.values(), key=lambda event: event.timestamp)
