"""The rules: one function each, found by importing the modules of `ops.check.rules`."""

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from pkgutil import walk_packages

from ops.check.finding import Finding, Hit, Severity
from ops.check.subject import Subject

Find = Callable[[Subject], Iterable[Hit]]

_SECTIONS = re.compile(r"^(Why|Mend): ", re.MULTILINE)
_registered: dict[str, "Rule"] = {}


class Needs(Enum):
    """What a rule looks at besides the files."""

    NOTHING = ""
    AWS = "live"
    COPILOT = "package"


@dataclass(frozen=True)
class Rule:
    """A rule. Its texts are its function's docstring: what, `Why:`, `Mend:`, a paragraph each."""

    id: str  # the function's name in kebab-case
    severity: Severity
    link: str  # the page that the rule follows from
    needs: Needs
    what: str
    why: str
    mend: str
    find: Find

    def findings(self, subject: Subject) -> list[Finding]:
        """What the rule finds. The same place in several environments is told once."""
        seen_in: dict[Hit, frozenset[str]] = {}
        for hit in self.find(subject):
            seen_in[hit] = seen_in.get(hit, frozenset()) | hit.environments
        return [
            Finding(
                rule=self.id,
                severity=hit.severity or self.severity,
                path=hit.path,
                line=hit.line,
                message=hit.message + subject.narrowed(hit.path, seen_in[hit]),
                why=self.why,
                mend=hit.mend or self.mend,
                general_mend=self.mend,
                link=self.link,
                cause=hit.cause or hit.message,
                fixes=hit.fixes,
            )
            for hit in sorted(seen_in)
        ]


def rule(severity: Severity, link: str, *, needs: Needs = Needs.NOTHING) -> Callable[[Find], Find]:
    """Make a function a rule. Raises ValueError when its docstring lacks one of the three parts."""

    def register(find: Find) -> Find:
        name = find.__name__.replace("_", "-")
        what, why, mend = _parts(name, inspect.getdoc(find) or "")
        _registered[name] = Rule(name, severity, link, needs, what, why, mend, find)
        return find

    return register


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, by id."""
    package = import_module("ops.check.rules")
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        import_module(module.name)
    return tuple(_registered[name] for name in sorted(_registered))


def _parts(name: str, text: str) -> tuple[str, str, str]:
    pieces = [" ".join(piece.split()) for piece in _SECTIONS.split(text)]
    if pieces[1::2] != ["Why", "Mend"] or not all(pieces):
        raise ValueError(f"{name} needs a docstring of what, `Why:` and `Mend:`")
    return pieces[0], pieces[2], pieces[4]
