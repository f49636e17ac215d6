"""Off-hours are never production's, unless it says so twice. Pure."""

import re

from ops.base.errors import OpsError
from ops.kinds.schedules.settings import OffHours

_PRODUCTION = re.compile(r"(prod|production|prd|live)(\d|[-_].*)?", re.IGNORECASE)


def is_production(off_hours: OffHours, environment: str) -> bool:
    """Whether an environment is production: by its name, or because `copilot/ops.yml` says so."""
    return off_hours.production or _PRODUCTION.fullmatch(environment) is not None


def check_production(off_hours: OffHours, environment: str) -> None:
    """Raise OpsError for production without `production: true` and its own name in `confirm`.

    The name can't be inherited from what all environments share by accident.
    """
    if not is_production(off_hours, environment):
        return
    if not off_hours.production or off_hours.confirm != environment:
        raise OpsError(
            f"`{environment}` is production, and off-hours would take all of it down",
            "Take `schedules.off_hours` away from it in copilot/ops.yml. If it is meant, say so "
            f"twice, under `environments: {environment}:`: `production: true` and "
            f"`confirm: {environment}`.",
        )
