"""The protection of production: off-hours need two confirmations. Pure."""

import re

from ops.base.errors import OpsError
from ops.kinds.schedules.settings import OffHours

_PRODUCTION = re.compile(r"(prod|production|prd|live)(\d|[-_].*)?", re.IGNORECASE)


def is_production(off_hours: OffHours, environment: str) -> bool:
    """Return whether an environment is production, by its name or by `copilot/ops.yml`."""
    return off_hours.production or _PRODUCTION.fullmatch(environment) is not None


def check_production(off_hours: OffHours, environment: str) -> None:
    """Raise OpsError for production without `production: true` and its own name in `confirm`.

    The name prevents that production inherits settings which were meant for other environments.
    """
    if not is_production(off_hours, environment):
        return
    if not off_hours.production or off_hours.confirm != environment:
        raise OpsError(
            f"`{environment}` is production, and off-hours would stop all of its services",
            "Remove `schedules.off_hours` from it in copilot/ops.yml. If off-hours are intended, "
            f"set both `production: true` and `confirm: {environment}` under `environments: "
            f"{environment}:`.",
        )
