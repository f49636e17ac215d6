"""Findings of rules, and their severity. Pure data."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from ops.check.edits import FileEdit


class Severity(Enum):
    """ERROR: a deployment fails. WARNING: a setting has no effect, or trouble later."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Hit:
    """A place where a rule does not hold. `line` counts from 1; `fix` replaces the rule's.

    `severity` replaces the rule's, for example from a certain day on. `edits` make the rule hold
    here, if there is exactly one way to do so. `environments` are those in which the place has the
    problem, empty if it belongs to none; the same place in another environment is the same hit.
    `cause` groups hits at different places; by default it is the message.
    """

    path: Path
    line: int
    message: str
    fix: str = ""
    environments: frozenset[str] = field(default=frozenset(), compare=False)
    cause: str = field(default="", compare=False)
    severity: Severity | None = field(default=None, compare=False)
    edits: tuple[FileEdit, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Finding:
    """A hit together with the texts of its rule."""

    rule: str
    severity: Severity
    path: Path
    line: int
    message: str
    why: str
    fix: str
    general_fix: str  # the rule's own, where this place has a more exact one
    link: str
    cause: str = ""
    edits: tuple[FileEdit, ...] = ()

    @property
    def order(self) -> tuple[str, int, str, str]:
        """Return the sort key: findings are listed file by file, line by line."""
        return self.path.as_posix(), self.line, self.rule, self.message
