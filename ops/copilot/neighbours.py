"""The services of an application that belong to other workspaces.

Copilot lets several workspaces share an application, each with services of its own.
"""

from collections.abc import Collection, Iterable, Sequence

from ops.aws.client import Aws
from ops.copilot.place import ServicePlace
from ops.copilot.stacks import gone


class Neighbours:
    """Finds the services of other workspaces: deployed ones that this workspace does not have.

    A resource without a known service counts as another workspace's.
    """

    def __init__(self, aws: Aws, places: Sequence[ServicePlace]) -> None:
        self._aws = aws
        self._place = places[0]
        self._workspace = {*places[0].workspace, *(place.service for place in places)}
        self._deployed: dict[str, bool] = {}  # by service not of ours

    def among(self, services: Iterable[str]) -> Collection[str]:
        """Return which of some services belong to another workspace: one call for each
        unknown one.
        """
        unknown = set(services) - self._workspace - self._deployed.keys() - {""}
        away = gone(self._aws, self._place.application, self._place.environment, unknown)
        self._deployed.update({service: service not in away for service in unknown})
        return {"", *(service for service, is_deployed in self._deployed.items() if is_deployed)}
