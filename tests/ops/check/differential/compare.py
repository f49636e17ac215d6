"""The verdicts of the Copilot CLI and of `ops check` on mutants, and their disagreements."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from ops.check.packaging.messages import is_about_account, messages
from tests.ops.check.oracle.cli import answers
from tests.ops.check.oracle.manifests import ENVIRONMENT
from tests.ops.check.oracle.report import errors, findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ops.check.packaging.account import Topic
    from tests.ops.check.differential.mutants import Mutant

DOMAIN = "example.org"
TOPICS: Sequence[Topic] = (("api", "orders"), ("api", "events"), ("api", "events.fifo"))
_EXCEPTIONS = Path(__file__).with_name("exceptions.yml")


@dataclass(frozen=True)
class Verdict:
    """The verdicts on a mutant. `refusal` is the CLI's output, None if it packages the mutant."""

    mutant: Mutant
    refusal: str | None
    rules: frozenset[str]  # of errors
    warnings: frozenset[str]

    @property
    def is_elsewhere(self) -> bool:
        """Return whether the CLI was asked about another environment than the changed one."""
        at = self.mutant.at
        return len(at) > 1 and at[0] == "environments" and at[1] != ENVIRONMENT

    @property
    def is_refused(self) -> bool:
        """Return whether the CLI refuses the mutant for its files alone."""
        return self.refusal is not None and not is_about_account(self.refusal)


@dataclass(frozen=True)
class Exceptions:
    """Recorded disagreements, each with its reason in `exceptions.yml`."""

    packaged: frozenset[str]  # rules whose errors the CLI does not share
    warned: frozenset[str]  # rules that only warn of what the CLI refuses

    @classmethod
    def read(cls) -> Exceptions:
        """Read the recorded disagreements."""
        recorded = yaml.safe_load(_EXCEPTIONS.read_text())
        return cls(frozenset(recorded["packaged"]), frozenset(recorded["warned"]))


def compare(folder: str, mutants: Sequence[Mutant]) -> Iterator[Verdict]:
    """Yield the verdicts on each mutant."""
    for mutant, refusal in zip(mutants, answers(folder, mutants, DOMAIN, TOPICS), strict=True):
        every = findings(mutant)
        wrong = frozenset(each.rule for each in errors(every))
        yield Verdict(mutant, refusal, wrong, frozenset(each.rule for each in every) - wrong)


@dataclass
class Row:
    """The counts for mutants of one kind."""

    refused: int = 0
    found: int = 0
    packaged: int = 0
    excepted: int = 0
    false: int = 0


@dataclass
class Table:
    """The counts by kind, and the disagreements that nothing explains."""

    exceptions: Exceptions = field(default_factory=Exceptions.read)
    rows: dict[str, Row] = field(default_factory=dict)
    missed: list[Verdict] = field(default_factory=list)
    false_errors: list[Verdict] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """Count a verdict, unless it depends on the account."""
        if verdict.refusal is not None and not verdict.is_refused:
            return
        row = self.rows.setdefault(verdict.mutant.kind, Row())
        if verdict.is_refused:
            is_found = bool(verdict.rules or verdict.warnings & self.exceptions.warned)
            row.refused += 1
            row.found += is_found
            self.missed += [] if is_found else [verdict]
        else:
            has_others = bool(verdict.rules - self.exceptions.packaged)
            is_false = has_others and not verdict.is_elsewhere
            row.packaged += 1
            row.excepted += bool(verdict.rules) and not is_false
            row.false += is_false
            self.false_errors += [verdict] if is_false else []

    @property
    def recall(self) -> float:
        """Return the share of refused mutants that `ops check` finds."""
        refused = sum(row.refused for row in self.rows.values())
        return 1.0 if not refused else sum(row.found for row in self.rows.values()) / refused

    def lines(self) -> Iterator[str]:
        """Yield the table as Markdown, then each disagreement."""
        yield "| change | refused | found | packaged | recorded exceptions | false errors |"
        yield "|---|---|---|---|---|---|"
        counts = [
            (kind, row.refused, row.found, row.packaged, row.excepted, row.false)
            for kind, row in sorted(self.rows.items())
        ]
        total = ("all", *(sum(column) for column in zip(*(row[1:] for row in counts), strict=True)))
        for row in (*counts, total):
            yield "| " + " | ".join(map(str, row)) + " |"
        yield f"recall {self.recall:.3f}"
        for verdict in self.missed:
            words = "; ".join(message.text for message in messages(verdict.refusal or ""))
            yield f"\nmissed, {_place(verdict)}: {words}\n{verdict.mutant.text}"
        for verdict in self.false_errors:
            rules = ", ".join(sorted(verdict.rules - self.exceptions.packaged))
            yield f"\nfalse, {_place(verdict)}: {rules}\n{verdict.mutant.text}"


def _place(verdict: Verdict) -> str:
    return f"{verdict.mutant.kind} at {'.'.join(map(str, verdict.mutant.at))}"
