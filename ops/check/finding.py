"""What a rule found, and how bad it is. Pure data."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from ops.check.edits import Fix


class Severity(Enum):
    """ERROR: a deploy fails, or what is written does nothing. WARNING: it hurts later."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Hit:
    """A place where a rule does not hold. `line` counts from 1; `mend` replaces the rule's.

    `severity` replaces the rule's, such as that of a date that has come. `fixes` are the edits that
    make the rule hold here, where there is exactly one way to do so.
    `environments` are those that it was seen in, none where it is not of any; the same place in
    another environment is the same hit. `cause` is what it has in common with hits elsewhere; its
    message if nothing else is said.
    """

    path: Path
    line: int
    message: str
    mend: str = ""
    environments: frozenset[str] = field(default=frozenset(), compare=False)
    cause: str = field(default="", compare=False)
    severity: Severity | None = field(default=None, compare=False)
    fixes: tuple[Fix, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Finding:
    """A hit with all that is known of its rule."""

    rule: str
    severity: Severity
    path: Path
    line: int
    message: str
    why: str
    mend: str
    general_mend: str  # the rule's own, where this place has a more exact one
    link: str
    cause: str = ""
    fixes: tuple[Fix, ...] = ()

    @property
    def order(self) -> tuple[str, int, str, str]:
        """Findings are shown file by file, line by line."""
        return self.path.as_posix(), self.line, self.rule, self.message
