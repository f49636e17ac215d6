"""The findings of `ops check` in the recorded manifests, by kind."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

from ops.check.files.reading import read_subject
from ops.check.finding import Finding, Severity
from ops.check.run import check
from tests.ops.check.conftest import BEFORE_ANY_END, write
from tests.ops.check.oracle.manifests import ENVIRONMENT, Manifest, recorded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

WORKSPACE = {
    "copilot/.workspace": "application: shop\n",
    f"copilot/environments/{ENVIRONMENT}/manifest.yml": f"name: {ENVIRONMENT}\ntype: Environment\n",
    "site/index.html": "",
    "Dockerfile": "FROM a\n",
    "web.env": "",
    "job.env": "",
}


class Checked(Protocol):
    """A manifest with its path in a workspace."""

    @property
    def path(self) -> str: ...
    @property
    def text(self) -> str: ...


def findings(manifest: Checked) -> list[Finding]:
    """Return the findings of `ops check` in a workspace with this manifest."""
    with TemporaryDirectory() as folder:
        write(Path(folder), {**WORKSPACE, manifest.path: manifest.text})
        subject = replace(read_subject(Path(folder)), today=BEFORE_ANY_END.date())
        return list(check(subject).findings)


def errors(found: Collection[Finding]) -> list[Finding]:
    """The errors among findings."""
    return [each for each in found if each.severity is Severity.ERROR]


@dataclass
class Row:
    """The counts for manifests of one kind."""

    refused: int = 0
    found: int = 0
    packaged: int = 0
    false: int = 0
    broken: int = 0
    found_broken: int = 0
    disagreements: list[tuple[Manifest, list[Finding]]] = field(default_factory=list)

    def add(self, manifest: Manifest, found: list[Finding]) -> None:
        """Count a manifest."""
        wrong = bool(errors(found))
        self.refused += manifest.verdict == "refused"
        self.found += manifest.verdict == "refused" and wrong
        self.packaged += manifest.verdict == "packaged"
        self.false += manifest.verdict == "packaged" and wrong
        self.broken += manifest.verdict == "broken"
        self.found_broken += manifest.verdict == "broken" and wrong
        if wrong is (manifest.verdict == "packaged"):
            self.disagreements.append((manifest, found))


def rows() -> dict[str, Row]:
    """Return the table, by kind."""
    table: dict[str, Row] = {}
    for manifest in recorded():
        table.setdefault(manifest.kind, Row()).add(manifest, findings(manifest))
    return table


def lines(table: dict[str, Row]) -> Iterator[str]:
    """Return the table in Markdown, then each disagreement."""
    yield "| kind | refused by the CLI | found | refused by AWS | found | packaged | false errors |"
    yield "|---|---|---|---|---|---|---|"
    counts = [
        (kind, each.refused, each.found, each.broken, each.found_broken, each.packaged, each.false)
        for kind, each in table.items()
    ]
    total = ("all", *(sum(column) for column in zip(*(row[1:] for row in counts), strict=True)))
    for row in (*counts, total):
        yield "| " + " | ".join(map(str, row)) + " |"
    for each in table.values():
        for manifest, found in each.disagreements:
            rules = ", ".join(finding.rule for finding in errors(found)) or "no error"
            yield f"{manifest.verdict}, {rules}: {manifest.of}: {manifest.mutant!r}"


if __name__ == "__main__":
    print("\n".join(lines(rows())))  # noqa: T201
