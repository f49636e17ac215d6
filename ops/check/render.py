"""A report as text for people, as JSON for programs, as commands for GitHub Actions. Pure."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from ops.check.finding import Finding, Severity
from ops.check.run import Report
from ops.plan.model import Json

_ALIKE = 3  # places of one cause that are shown

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def as_text(report: Report) -> str:
    """The findings rule by rule, errors first: where and what, then why, how to mend it, a page."""
    groups: dict[str, list[Finding]] = {}
    for each in report.findings:
        groups.setdefault(each.rule, []).append(each)
    ordered = sorted(groups.values(), key=lambda group: (group[0].severity.value, group[0].rule))
    return "\n\n".join([*map(_group, ordered), _sum(report)])


def as_data(report: Report) -> dict[str, Json]:
    """The same for `--output json`."""
    return {
        "findings": [
            {**_fields(each), "severity": each.severity.value, "path": each.path.as_posix()}
            for each in report.findings
        ],
        "summary": {
            **{each.value: report.count(each) for each in Severity},
            "silenced": report.silenced,
            "rules": report.rules,
            "files": report.files,
        },
    }


def as_github(report: Report, base: Path) -> str:
    """A workflow command for each finding, which GitHub shows at its line of a pull request.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    `base` leads from the repository to the workspace. The escapes are those of actions/toolkit,
    packages/core/src/command.ts.
    """
    return "\n".join(_command(each, base) for each in report.findings)


def _fields(finding: Finding) -> dict[str, Json]:
    fields = asdict(finding)
    del fields["general_mend"], fields["cause"]
    fields["fixable"] = bool(fields.pop("fixes"))
    return fields


def _group(findings: list[Finding]) -> str:
    first = findings[0]
    label = click.style(first.severity.value, fg=_COLOURS[first.severity], bold=True)
    return "\n".join(
        [
            f"{label}: {first.rule}",
            *_places(findings),
            *_indented(first.why),
            *_indented(first.general_mend),
            f"  {first.link}",
        ]
    )


def _places(findings: list[Finding]) -> Iterator[str]:
    """Yield the places of findings; of many with one cause the first few, and their number."""
    by_cause: dict[str, list[Finding]] = {}
    for each in findings:
        by_cause.setdefault(each.cause, []).append(each)
    for alike in by_cause.values():
        shown = alike if len(alike) <= _ALIKE + 1 else alike[:_ALIKE]
        yield from (line for each in shown for line in _lines(each))
        if len(alike) > len(shown):
            left = len(alike) - len(shown)
            yield f"  and {left} more with the same cause; --output json lists them"


def _lines(finding: Finding) -> Iterator[str]:
    yield f"  {finding.path.as_posix()}:{finding.line}: {finding.message}"
    if finding.mend != finding.general_mend:
        yield f"    {finding.mend}"


def _indented(text: str) -> Iterator[str]:
    yield from click.wrap_text(text, 100, "  ", "  ").splitlines()


def _sum(report: Report) -> str:
    counts = [(report.count(each), each.value) for each in Severity]
    said = ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for count, name in counts)
    silenced = f" {report.silenced} silenced by comments." if report.silenced else ""
    fixable = sum(bool(each.fixes) for each in report.findings)
    fixed = f" `ops check --fix` corrects {fixable} of them." if fixable else ""
    return f"{said} by {report.rules} rules in {report.files} files.{silenced}{fixed}"


def _command(finding: Finding, base: Path) -> str:
    properties = {
        "file": (base / finding.path).as_posix(),
        "line": str(finding.line),
        "title": finding.rule,
    }
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = f"{finding.message}\n{finding.why}\n{finding.mend}\n{finding.link}"
    return f"::{finding.severity.value} {written}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
