"""`# ops: ignore RULE reason` comments, which accept findings.

A comment is on the finding's line or above it; one line may have several above it.
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

# The rules of the comments themselves; no comment accepts them.
UNUSED, UNREASONED, UNKNOWN = "ignore-unused", "ignore-without-reason", "ignore-unknown-rule"


@dataclass(frozen=True)
class Ignore:
    """A comment. `line` is its line, `covers` the line whose findings it accepts."""

    path: Path
    line: int
    covers: int
    rule: str
    reason: str


def read_ignores(text: str, path: Path) -> list[Ignore]:
    """Return the comments of a file."""
    lines = _BREAK.split(text)
    ignores: list[Ignore] = []
    for number, line in enumerate(lines, 1):
        if match := _COMMENT.search(line):
            rule, reason = match[1].rstrip(":"), match[2].strip()
            ignores.append(Ignore(path, number, _covered(lines, number), rule, reason))
    return ignores


def _covered(lines: Sequence[str], number: int) -> int:
    """Return the line itself if it has content, otherwise the next line that has."""
    for at in range(number, len(lines) + 1):
        text = lines[at - 1].strip()
        if text and not text.startswith("#"):
            return at
    return number


def without_ignored(
    findings: Iterable[Finding],
    ignores: Iterable[Ignore],
    known: Collection[str],
    ran: Collection[str],
) -> tuple[list[Finding], int]:
    """Return the remaining findings, with those about the comments, and the number of ignored ones.

    `known` are the ids of all rules, `ran` of those that ran: a comment about a rule that did not
    run is not called unused.
    """
    problems: list[Finding] = []
    usable: dict[tuple[Path, int, str], Ignore] = {}
    for comment in ignores:
        if problem := _problem(comment, known):
            problems.append(problem)
        else:
            usable[comment.path, comment.covers, comment.rule] = comment
    everything = list(findings)
    used = {_place(finding) for finding in everything} & usable.keys()
    for place, comment in usable.items():
        if place not in used and comment.rule in ran:
            message = f"`{comment.rule}` no longer reports anything here"
            problems.append(_about(UNUSED, comment, message))
    left = [finding for finding in everything if _place(finding) not in used]
    return [*left, *problems], len(everything) - len(left)


def _place(finding: Finding) -> tuple[Path, int, str]:
    return finding.path, finding.line, finding.rule


def _problem(comment: Ignore, known: Collection[str]) -> Finding | None:
    """Return the finding about a comment that cannot be used; None for a usable comment."""
    if comment.rule not in known:
        message = f"there is no rule `{comment.rule}`; {_near(comment.rule, known)}"
        return _about(UNKNOWN, comment, message)
    if not comment.reason:
        message = f"the comment gives no reason to ignore `{comment.rule}`"
        return _about(UNREASONED, comment, message)
    return None


_TEXTS = {
    UNUSED: (
        Severity.WARNING,
        "An unused comment would hide the next mistake on its line.",
        "Remove the comment.",
    ),
    UNREASONED: (
        Severity.ERROR,
        "Without the reason nobody can decide later whether the comment is still right.",
        "Write `# ops: ignore RULE reason`.",
    ),
    UNKNOWN: (
        Severity.ERROR,
        "The comment has no effect.",
        "Name a rule as `ops check` prints it.",
    ),
}


def _about(rule: str, ignore: Ignore, message: str) -> Finding:
    severity, why, fix = _TEXTS[rule]
    return Finding(rule, severity, ignore.path, ignore.line, message, why, fix, fix, _LINK)


def _near(word: str, known: Collection[str]) -> str:
    hint = did_you_mean(word, known)
    return hint if hint.startswith("did") else "docs/reference/rules.md lists them"
