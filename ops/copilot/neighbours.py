"""The services of an application that other workspaces keep.

Copilot lets several workspaces share an application, each with services of its own.
"""

from collections.abc import Collection, Iterable, Sequence

from ops.aws.client import Aws
from ops.copilot.place import ServicePlace
from ops.copilot.stacks import gone


class Neighbours:
    """Tells what is of another workspace: it is of no service of ours, and that is deployed.

    What has no service cannot be told, and is taken for another's.
    """

    def __init__(self, aws: Aws, places: Sequence[ServicePlace]) -> None:
        self._aws = aws
        self._place = places[0]
        self._workspace = {*places[0].workspace, *(each.service for each in places)}
        self._deployed: dict[str, bool] = {}  # by service not of ours

    def among(self, services: Iterable[str]) -> Collection[str]:
        """Those of some services that are another workspace's: a call for each unknown one."""
        unknown = set(services) - self._workspace - self._deployed.keys() - {""}
        away = gone(self._aws, self._place.application, self._place.environment, unknown)
        self._deployed.update({each: each not in away for each in unknown})
        return {"", *(each for each, is_deployed in self._deployed.items() if is_deployed)}
