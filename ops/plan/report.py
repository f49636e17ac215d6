"""What a run has to say, as data: plans, problems and results. No AWS here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ops.base.errors import OpsError
from ops.plan.model import Plan, Write


@dataclass(frozen=True)
class Survey:
    """The plans of all kinds asked for, and what kept others from being made.

    `environment` is None when only what all environments share was asked for.
    """

    application: str
    environment: str | None
    plans: tuple[Plan, ...]
    problems: tuple[OpsError, ...]
    warnings: tuple[str, ...] = ()  # what can be carried out and is doubtful
    authors: Mapping[str, str] = field(default_factory=dict)  # who wrote last, by `<kind> <name>`


@dataclass(frozen=True)
class Result:
    """What became of one change; `error` is None when it was done."""

    kind: str
    change: Write
    error: OpsError | None
