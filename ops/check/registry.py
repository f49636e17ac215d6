"""The registry of rules: one function each, imported with the modules of `ops.check.rules`."""

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from pkgutil import walk_packages

from ops.check.finding import Finding, Hit, Severity
from ops.check.subject.model import Subject

Find = Callable[[Subject], Iterable[Hit]]

_SECTIONS = re.compile(r"^(Why|Fix): ", re.MULTILINE)
_registered: dict[str, "Rule"] = {}


class Needs(Enum):
    """The input that a rule needs besides the files."""

    NOTHING = ""
    AWS = "live"
    COPILOT = "package"


@dataclass(frozen=True)
class Rule:
    """A rule. Its texts are its function's docstring: what, `Why:`, `Fix:`, a paragraph each."""

    id: str  # the function's name in kebab-case
    severity: Severity
    link: str  # the page that the rule follows from
    needs: Needs
    what: str
    why: str
    fix: str
    find: Find

    def findings(self, subject: Subject) -> list[Finding]:
        """Return the findings of the rule. One place in several environments is reported once."""
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
                fix=hit.fix or self.fix,
                general_fix=self.fix,
                link=self.link,
                cause=hit.cause or hit.message,
                edits=hit.edits,
            )
            for hit in sorted(seen_in)
        ]


def rule(severity: Severity, link: str, *, needs: Needs = Needs.NOTHING) -> Callable[[Find], Find]:
    """Return a decorator that registers a rule. Raise ValueError if its docstring lacks one of its
    parts.
    """

    def register(find: Find) -> Find:
        name = find.__name__.replace("_", "-")
        what, why, fix = _parts(name, inspect.getdoc(find) or "")
        _registered[name] = Rule(name, severity, link, needs, what, why, fix, find)
        return find

    return register


@cache
def rules() -> tuple[Rule, ...]:
    """Return all rules, sorted by id."""
    package = import_module("ops.check.rules")
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        import_module(module.name)
    return tuple(_registered[name] for name in sorted(_registered))


def _parts(name: str, text: str) -> tuple[str, str, str]:
    pieces = [" ".join(piece.split()) for piece in _SECTIONS.split(text)]
    if pieces[1::2] != ["Why", "Fix"] or not all(pieces):
        raise ValueError(f"{name} needs a docstring of what, `Why:` and `Fix:`")
    return pieces[0], pieces[2], pieces[4]
