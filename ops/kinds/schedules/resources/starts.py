"""The start times of daily actions and nightly mute rules. Pure."""

from datetime import datetime, timedelta

from ops.base.words import timestamp
from ops.copilot.place import EnvironmentPlace
from ops.kinds.plan_names import own_name
from ops.kinds.schedules.muting import is_nightly
from ops.kinds.schedules.names import PREFIX

_LONGEST = timedelta(days=2)  # by which an override postpones a start, at most
_DAILY = (f"{PREFIX}down", f"{PREFIX}stop")


class Starts:
    """The start times that were read, without those that an override postponed."""

    def __init__(self, place: EnvironmentPlace) -> None:
        self._place = place
        self._postponed: dict[str, str] = {}

    def declared(self, name: str, start: datetime | None) -> str | None:
        """Return the start time of a resource; None if it has passed, or an override set it."""
        now = self._place.now
        if start is None or start <= now:
            return None
        is_daily = own_name(name) in _DAILY or is_nightly(name, self._place)
        if is_daily and start <= now + _LONGEST:
            self._postponed[name] = timestamp(start)
            return None
        return timestamp(start)

    def kept(self, name: str, field: str) -> dict[str, str]:
        """Return an update's parameter with the postponed start; empty if no start is set."""
        start = self._postponed.get(name)
        return {} if start is None else {field: start}
