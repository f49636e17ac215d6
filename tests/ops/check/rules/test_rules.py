"""Every rule reports its case, at the right line, and nothing else."""

from pathlib import Path

import pytest

from ops.base import clock
from ops.check.registry import Needs, rules
from ops.reference.rules import reference
from tests.ops.check.conftest import Check
from tests.ops.check.rules.cases import (
    containers,
    dates,
    environments,
    manifests,
    services,
)
from tests.ops.check.rules.cases.case import OPS_FILE, SERVICE, WORKER_FILE

CASES = {
    **manifests.CASES,
    **containers.CASES,
    **services.CASES,
    **dates.CASES,
    **environments.CASES,
}
PAGE = Path(__file__).parents[4] / "docs" / "reference" / "rules.md"


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_fires(rule: str, check_files: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    _set_day(rule, monkeypatch)
    found = [each for each in check_files(CASES[rule].breaks) if each.rule == rule]
    assert CASES[rule].at in {f"{each.path.as_posix()}:{each.line}" for each in found}
    for each in found:
        assert each.message
        assert each.why
        assert each.fix
        assert each.link


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_is_silent(rule: str, check_files: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    _set_day(rule, monkeypatch)
    found = check_files(CASES[rule].keeps)
    assert [each for each in found if each.rule in {rule, "unreadable-file"}] == []


def _set_day(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if day := CASES[rule].day:
        monkeypatch.setattr(clock, "now", lambda: day)


def test_every_rule_without_aws_is_tested() -> None:
    assert {each.id for each in rules() if each.needs is Needs.NOTHING} == CASES.keys()


def test_a_clean_workspace_is_clean(check_files: Check) -> None:
    assert check_files({}) == []


def test_the_page_of_the_rules_is_up_to_date() -> None:
    assert PAGE.read_text() == reference(), "run `make docs`"


def test_each_rule_has_its_heading_on_the_page() -> None:
    headings = [line[3:] for line in PAGE.read_text().splitlines() if line.startswith("## ")]
    assert headings == [each.id for each in rules()]


def test_a_minimum_beside_off_hours_is_found_in_that_environment_alone(check_files: Check) -> None:
    off_hours = '{timezone: UTC, up: "07:00", down: "19:00", order: [worker]}'
    minimum = '{at: "02:58", until: "03:30", timezone: UTC, min: 5}'
    files = {
        "copilot/ops.yml": f"environments: {{test: {{schedules: {{off_hours: {off_hours}}}}}}}\n",
        WORKER_FILE: f"{SERVICE}count: {{range: 1-5, cpu_percentage: 70}}\n",
        OPS_FILE: f"scaling: {{minimum: [{minimum}]}}\n",
    }
    [found] = [each for each in check_files(files) if each.rule == "scaling-minimum"]
    assert "`worker` has off-hours in `test`" in found.message
    files[OPS_FILE] += "environments: {test: {scaling: {minimum: []}}}\n"
    assert "scaling-minimum" not in {each.rule for each in check_files(files)}
