"""Problems in the files of a workspace, each with its line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from ops.base.errors import OpsError


@dataclass(frozen=True, order=True)
class Problem:
    """A mistake in a file. `line` counts from 1; `field` is a dotted path, empty for the whole
    file.
    """

    path: Path
    line: int
    field: str
    message: str

    @property
    def place(self) -> str:
        """Return the file and the line."""
        return f"{self.path}:{self.line}"

    def __str__(self) -> str:
        field = f"{self.field}: " if self.field else ""
        return f"{self.place}: {field}{self.message}"


class WorkspaceError(OpsError):
    """An error in the files of the workspace."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __str__(self) -> str:
        return self.what


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown word: the most similar known one, or all."""
    names = sorted(known)
    near = get_close_matches(word, names, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known here: {', '.join(names)}" if names else "nothing is allowed here"
