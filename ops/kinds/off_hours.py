"""The facts about off-hours (`ops.kinds.schedules`) that other kinds need. Pure."""

from collections.abc import Collection
from typing import Protocol

from ops.copilot.place import ServicePlace


class _OffHours(Protocol):
    @property
    def order(self) -> Collection[str]:
        """Return the services that off-hours stop."""


class _Settings(Protocol):
    @property
    def off_hours(self) -> _OffHours | None:
        """Return the off-hours of an environment."""


def has_off_hours(place: ServicePlace) -> bool:
    """Return whether the environment's off-hours stop a service."""
    settings: _Settings | None = place.shared.get("schedules")
    hours = settings.off_hours if settings else None
    return hours is not None and place.service in hours.order
