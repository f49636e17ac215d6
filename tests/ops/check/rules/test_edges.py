"""Edge cases of rules, next to their one main case: see the folder `edges`."""

from pathlib import Path

import pytest

from ops.check.files.reading import read_subject
from ops.check.finding import Finding
from ops.check.run import check
from tests.ops.check.conftest import Check, Files, write
from tests.ops.check.rules.cases.case import (
    BACKEND,
    IMAGE,
    JOB,
    JOB_FILE,
    ON_SQS,
    SERVICE,
    WORKER_FILE,
)
from tests.ops.check.rules.edges.edge import EDGES

MANY = "9" * 5000  # more digits than Python makes a number of

PROD, TEST = (f"copilot/environments/{name}/manifest.yml" for name in ("prod", "test"))


@pytest.mark.parametrize("what", EDGES)
def test_where_a_rule_speaks(what: str, check_files: Check) -> None:
    rule, files, lines = EDGES[what]
    found = [each for each in check_files(files) if each.rule in {rule, "unreadable-file"}]
    assert tuple(each.line for each in found) == lines, found


def only(found: list[Finding]) -> str:
    [finding] = found
    return finding.message


def test_a_finding_of_some_environments_names_them(check_files: Check) -> None:
    override = "environments: {prod: {count: 1}}\n"
    found = check_files({WORKER_FILE: f"{SERVICE}count: -1\n{override}"})
    assert only(found) == "the count is -1 (only in `test`)"
    override = "environments: {prod: {count: -1}}\n"
    found = check_files({WORKER_FILE: f"{SERVICE}count: 1\n{override}"})
    assert only(found) == "the count is -1 (only in `prod`)"


def test_a_finding_of_all_environments_names_none(check_files: Check) -> None:
    override = "environments: {prod: {cpu: 512, memory: 1024}}\n"
    found = check_files({WORKER_FILE: f"{SERVICE}count: -1\n{override}"})
    assert only(found) == "the count is -1"


def test_without_environments_only_an_override_is_named(check_files: Check, tmp_path: Path) -> None:
    override = "environments: {prod: {count: 1}}\n"
    check_files({})
    for path in (PROD, TEST):
        (tmp_path / path).unlink()
    write(tmp_path, {WORKER_FILE: f"{SERVICE}count: -1\n{override}"})
    assert only(list(check(read_subject(tmp_path)).findings)) == "the count is -1"


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("count: {cpu: 512}", "in `count`; it exists at the top"),
        ("count: {spot_from: 2}", "in `count`; it exists in `count.range`"),
        ("image: {location: a, label: {}}", "in `image`; did you mean `labels`?"),
        ("environment: {}", "at the top of a manifest; did you mean `environments`?"),
        ("deployments: {}", "at the top of a manifest; did you mean `deployment`?"),
        ("environments: {prod: {type: a}}", "in `environments.prod`"),
    ],
)
def test_what_was_meant_is_told(written: str, hint: str, check_files: Check) -> None:
    image = "" if written.startswith("image") else IMAGE
    found = check_files({WORKER_FILE: f"{BACKEND}{image}{written}\n"})
    [message] = [each.message for each in found if each.rule == "unknown-field"]
    assert message.endswith(f" is not a field {hint}")


def test_a_workspace_without_a_name_is_checked_all_the_same(
    check_files: Check, tmp_path: Path
) -> None:
    check_files({})
    (tmp_path / "copilot/.workspace").unlink()
    override = "environments: {prod: {variables: {A: '${COPILOT_APPLICATION_NAME}'}}}\n"
    write(tmp_path, {WORKER_FILE: f"{SERVICE}count: -1\n{override}"})
    assert only(list(check(read_subject(tmp_path)).findings)) == "the count is -1"


@pytest.mark.parametrize(
    "files",
    [
        {WORKER_FILE: f"{SERVICE}count: {{range: {MANY}-{MANY}, cpu_percentage: 70}}\n"},
        {WORKER_FILE: f"{SERVICE}command: celery -A a worker --time-limit={MANY}\n"},
        {WORKER_FILE: f"{ON_SQS}command: celery -A a worker --prefetch-multiplier={MANY}\n"},
        {JOB_FILE: f"{JOB}on: {{schedule: '{MANY} * * * *'}}\n"},
        {"Dockerfile": f"FROM python:3.12\nENTRYPOINT {'[' * 9000}\n"},
    ],
)
def test_more_digits_or_brackets_than_python_reads(files: Files, check_files: Check) -> None:
    check_files(files)
