"""The data of a run: plans, problems and results. No AWS here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ops.base.errors import OpsError
from ops.plan.model import Plan, Write


@dataclass(frozen=True)
class Survey:
    """The plans of all requested kinds, and the problems that prevented others.

    `environment` is None if only application-level kinds were requested.
    """

    application: str
    environment: str | None
    plans: tuple[Plan, ...]
    problems: tuple[OpsError, ...]
    warnings: tuple[str, ...] = ()  # what can be carried out and is doubtful
    authors: Mapping[str, str] = field(default_factory=dict)  # who wrote last, by `<kind> <name>`


@dataclass(frozen=True)
class Result:
    """The outcome of one change; `error` is None if it succeeded."""

    kind: str
    change: Write
    error: OpsError | None
