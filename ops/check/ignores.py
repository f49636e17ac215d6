"""`# ops: ignore RULE reason`: a finding that somebody has looked at and lets stand.

The comment stands on the finding's line or above it; several may stand above one line.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.check.finding import Finding, Severity
from ops.copilot.workspace.problems import did_you_mean

_COMMENT = re.compile(r"(?:^|\s)#\s*ops:\s*ignore\b:?[ \t]*(\S*)[ \t]*(.*)$")
# What ends a line in YAML 1.1, so that lines count as the parser counts them.
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_LINK = "docs/how-to/check-before-a-deploy.md"

# The rules of the comments themselves; nothing silences them.
UNUSED, UNREASONED, UNKNOWN = "ignore-unused", "ignore-without-reason", "ignore-unknown-rule"


@dataclass(frozen=True)
class Ignore:
    """One comment. `line` is where it stands, `covers` the line that it is about."""

    path: Path
    line: int
    covers: int
    rule: str
    reason: str


def read_ignores(text: str, path: Path) -> list[Ignore]:
    """The comments of a file."""
    lines = _BREAK.split(text)
    found: list[Ignore] = []
    for number, line in enumerate(lines, 1):
        if match := _COMMENT.search(line):
            rule, reason = match[1].rstrip(":"), match[2].strip()
            found.append(Ignore(path, number, _covered(lines, number), rule, reason))
    return found


def _covered(lines: Sequence[str], number: int) -> int:
    """The line itself if it says anything, else the next that does."""
    for at in range(number, len(lines) + 1):
        text = lines[at - 1].strip()
        if text and not text.startswith("#"):
            return at
    return number


def silence(
    findings: Iterable[Finding],
    ignores: Iterable[Ignore],
    known: Collection[str],
    ran: Collection[str],
) -> tuple[list[Finding], int]:
    """The findings that are left, with those about the comments themselves; and how many went.

    `known` are the ids of all rules, `ran` of those that ran: a comment about a rule that did not
    run is not called unused.
    """
    told: list[Finding] = []
    usable: dict[tuple[Path, int, str], Ignore] = {}
    for each in ignores:
        if each.rule not in known:
            told.append(_about(UNKNOWN, each, f"no rule `{each.rule}`; {_near(each.rule, known)}"))
        elif not each.reason:
            told.append(_about(UNREASONED, each, f"no reason is given to ignore `{each.rule}`"))
        else:
            usable[each.path, each.covers, each.rule] = each
    left: list[Finding] = []
    used: set[tuple[Path, int, str]] = set()
    everything = list(findings)
    for finding in everything:
        place = (finding.path, finding.line, finding.rule)
        if place in usable:
            used.add(place)
        else:
            left.append(finding)
    for place, each in usable.items():
        if place not in used and each.rule in ran:
            told.append(_about(UNUSED, each, f"`{each.rule}` finds nothing here any more"))
    return [*left, *told], len(everything) - len(left)


_TEXTS = {
    UNUSED: (
        Severity.WARNING,
        "A comment that silences nothing hides the next mistake on its line.",
        "Remove the comment.",
    ),
    UNREASONED: (
        Severity.ERROR,
        "Whoever reads the file next cannot tell whether the reason still holds.",
        "Write `# ops: ignore RULE reason`.",
    ),
    UNKNOWN: (
        Severity.ERROR,
        "The comment silences nothing.",
        "Name a rule as `ops check` prints it.",
    ),
}


def _about(rule: str, ignore: Ignore, message: str) -> Finding:
    severity, why, mend = _TEXTS[rule]
    return Finding(rule, severity, ignore.path, ignore.line, message, why, mend, mend, _LINK)


def _near(word: str, known: Collection[str]) -> str:
    said = did_you_mean(word, known)
    return said if said.startswith("did") else "docs/reference/rules.md lists them"
