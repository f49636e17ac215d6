"""A report as text for people, as JSON for programs, and as commands for GitHub Actions. Pure."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from ops.base.words import number
from ops.check.finding import Finding, Severity
from ops.check.run import Report
from ops.plan.model import Json

_ALIKE = 3  # places of one cause that are shown

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def as_text(report: Report) -> str:
    """Return the findings rule by rule, errors first: place and message, reason, fix, a page."""
    groups: dict[str, list[Finding]] = {}
    for finding in report.findings:
        groups.setdefault(finding.rule, []).append(finding)
    ordered = sorted(groups.values(), key=lambda group: (group[0].severity.value, group[0].rule))
    return "\n\n".join([*map(_group, ordered), _summary(report)])


def as_data(report: Report) -> dict[str, Json]:
    """Return the report for `--output json`."""
    return {
        "findings": [_fields(finding) for finding in report.findings],
        "summary": {
            **{severity.value: report.count(severity) for severity in Severity},
            "ignored": report.ignored,
            "rules": report.rules,
            "files": report.files,
        },
    }


def as_github(report: Report, base: Path) -> str:
    """Return a workflow command for each finding; GitHub shows it at the line of a pull request.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands `base`
    is the workspace's path in the repository. The escapes are those of actions/toolkit,
    packages/core/src/command.ts.
    """
    return "\n".join(_command(finding, base) for finding in report.findings)


def _fields(finding: Finding) -> dict[str, Json]:
    fields = asdict(finding)
    del fields["general_fix"], fields["cause"]
    fixable = bool(fields.pop("edits"))
    own = {"severity": finding.severity.value, "path": finding.path.as_posix()}
    return {**fields, "fixable": fixable, **own}


def _group(findings: list[Finding]) -> str:
    first = findings[0]
    label = click.style(first.severity.value, fg=_COLOURS[first.severity], bold=True)
    return "\n".join(
        [
            f"{label}: {first.rule}",
            *_places(findings),
            *_indented(first.why),
            *_indented(first.general_fix),
            f"  {first.link}",
        ]
    )


def _places(findings: list[Finding]) -> Iterator[str]:
    """Yield the places of findings; for many findings of one cause, the first few and
    the number.
    """
    by_cause: dict[str, list[Finding]] = {}
    for finding in findings:
        by_cause.setdefault(finding.cause, []).append(finding)
    for alike in by_cause.values():
        shown = alike if len(alike) <= _ALIKE + 1 else alike[:_ALIKE]
        yield from (line for finding in shown for line in _lines(finding))
        if len(alike) > len(shown):
            rest = len(alike) - len(shown)
            yield f"  and {rest} more with the same cause; --output json lists them"


def _lines(finding: Finding) -> Iterator[str]:
    yield f"  {finding.path.as_posix()}:{finding.line}: {finding.message}"
    if finding.fix != finding.general_fix:
        yield f"    {finding.fix}"


def _indented(text: str) -> Iterator[str]:
    yield from click.wrap_text(text, 100, "  ", "  ").splitlines()


def _summary(report: Report) -> str:
    counts = [(report.count(severity), severity.value) for severity in Severity]
    numbers = ", ".join(number(count, name) for count, name in counts)
    ignored = f" {report.ignored} ignored by comments." if report.ignored else ""
    fixable = sum(bool(finding.edits) for finding in report.findings)
    fixed = f" `ops check --fix` corrects {fixable} of them." if fixable else ""
    where = number(report.files, "file")
    return f"{numbers} by {number(report.rules, 'rule')} in {where}.{ignored}{fixed}"


def _command(finding: Finding, base: Path) -> str:
    properties = {
        "file": (base / finding.path).as_posix(),
        "line": str(finding.line),
        "title": finding.rule,
    }
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = f"{finding.message}\n{finding.why}\n{finding.fix}\n{finding.link}"
    return f"::{finding.severity.value} {written}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
