"""`ops check` and the Copilot CLI agree on mutants; `make fuzz-differential` has thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.check.registry import Needs, rules
from tests.ops.check.differential.compare import Exceptions, Table, compare
from tests.ops.check.differential.mutants import mutants, unchanged
from tests.ops.check.oracle.report import errors, findings

if TYPE_CHECKING:
    from pathlib import Path


def test_no_error_in_a_manifest_without_a_change() -> None:
    assert [errors(findings(manifest)) for manifest in unchanged()] == [[]] * 9


def test_mutants_are_the_same_for_each_seed_and_differ_from_each_other() -> None:
    texts = [mutant.text for mutant in mutants(50, seed=1)]
    assert texts == [mutant.text for mutant in mutants(50, seed=1)]
    assert len(set(texts)) == 50
    assert texts != [mutant.text for mutant in mutants(50, seed=2)]


def test_each_exception_is_of_a_rule() -> None:
    exceptions = Exceptions.read()
    known = {rule.id for rule in rules() if rule.needs is Needs.NOTHING}
    assert exceptions.packaged | exceptions.warned <= known


def test_the_verdicts_agree(tmp_path: Path) -> None:
    table = Table()
    # A second and a half each; `make fuzz-differential` asks about thousands each night.
    for verdict in compare(str(tmp_path), [next(unchanged()), *mutants(4, seed=11)]):
        table.add(verdict)
    assert not [*table.missed, *table.false_errors], "\n".join(table.lines())
    assert sum(row.refused for row in table.rows.values()) >= 1
    assert table.rows["none"].packaged == 1
