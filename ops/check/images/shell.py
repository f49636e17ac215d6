"""Shell scripts: their commands, and the command that runs as a child of the shell. Pure."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath

_QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.""", re.DOTALL)
# What ends a command; the `&` of `2>&1` and `&>` ends none.
_END = re.compile(r"&&|\|\||(?<![<>&])&(?![>&])|[;|\n]")
_STRUCTURE = re.compile(r"""[()`'"]|(?:^|[\s;])(?:if|for|while|until|case|\{)\s""")
# Programs and builtins by which a script hands signals on, or ends itself.
_HANDS_ON = re.compile(r"(?:exec|trap|wait|(?:\S*/)?(?:dumb-init|tini))\s")


@dataclass(frozen=True)
class Shell:
    """A shell, its script, and the index of the argument with the script."""

    name: str
    script: str
    at: int


def words_of(written: object) -> list[str] | None:
    """Return a command's arguments as Copilot splits them; None if Copilot cannot."""
    if isinstance(written, list):
        return [str(item) for item in written]
    try:
        return shlex.split(written) if isinstance(written, str) else []
    except ValueError:
        return None


def shell_of(arguments: Sequence[str]) -> Shell | None:
    """Return the shell that runs a script given by `-c`, if the arguments do that."""
    name = PurePosixPath(arguments[0]).name if arguments else ""
    if name in {"bash", "dash", "sh"}:
        for at, (one, after) in enumerate(pairwise(arguments)):
            if at and re.fullmatch(r"-\w*c", one):
                return Shell(name, after, at + 1)
    return None


def below(script: str, *, bash: bool = False, single: bool = False) -> str:
    """Return the last command of a script, if the shell stays its parent and forwards no signal.

    Dash stays; bash becomes the last command itself, except at the end of a pipe. A `single`
    command counts on request. Return an empty text also for scripts with control structures.
    """
    masked = _masked(script)
    row = commands(script)
    last = row[-1]
    if _STRUCTURE.search(masked) or any(_HANDS_ON.match(f"{command} ") for command in row):
        return ""
    if re.match(r"exit\b|$", last) or not (single or len(row) > 1):
        return ""
    ends = _END.findall(masked)
    piped = bool(ends) and ends[-1] == "|"
    return "" if bash and not piped else last


def commands(script: str) -> list[str]:
    """Return the commands of a script. Separators in quotes do not count."""
    edges = [edge for end in _END.finditer(_masked(script)) for edge in end.span()]
    parts = zip([0, *edges[1::2]], [*edges[::2], len(script)], strict=True)
    return [script[one:other].strip() for one, other in parts]


def _masked(script: str) -> str:
    """Return the script with a `_` for each character in quotes."""
    return _QUOTED.sub(lambda match: "_" * len(match[0]), script)
