"""What a run has to say, as data: plans, problems and results. No AWS here."""

from dataclasses import dataclass

from ops.errors import OpsError
from ops.plan import Plan, Write


@dataclass(frozen=True)
class Survey:
    """The plans of all kinds asked for, and what kept others from being made.

    `environment` is None when only what all environments share was asked for.
    """

    application: str
    environment: str | None
    plans: tuple[Plan, ...]
    problems: tuple[OpsError, ...]


@dataclass(frozen=True)
class Result:
    """What became of one change; `error` is None when it was done."""

    kind: str
    change: Write
    error: OpsError | None
