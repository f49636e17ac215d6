"""Comments that accept a finding, and findings about the comments."""

import pytest

from tests.ops.check.conftest import Check

WORKER = "copilot/worker/manifest.yml"
HEAD = "name: worker\ntype: Backend Service\nimage: {location: a}\n"


@pytest.mark.parametrize(
    "text",
    [
        "count: -1 # ops: ignore negative-count the autoscaler sets it\n",
        "# ops: ignore negative-count the autoscaler sets it\ncount: -1\n",
        "# ops: ignore negative-count: the autoscaler sets it\n# Two lines above.\n\ncount: -1\n",
    ],
)
def test_a_comment_on_the_line_or_above_it_counts(text: str, check_files: Check) -> None:
    assert [each.rule for each in check_files({WORKER: HEAD + text})] == []


def test_several_comments_above_one_line(check_files: Check) -> None:
    comments = "# ops: ignore negative-count one\n# ops: ignore wrong-type two\n"
    found = check_files({WORKER: f"{HEAD}{comments}count: -1\ncpu: many\n"})
    assert {(each.rule, each.line) for each in found} == {("ignore-unused", 5), ("wrong-type", 7)}


@pytest.mark.parametrize(
    ("comment", "rule", "said"),
    [
        ("# ops: ignore negative-count", "ignore-without-reason", "no reason"),
        ("# ops: ignore negative-counts because", "ignore-unknown-rule", "`negative-count`?"),
        ("# ops: ignore", "ignore-unknown-rule", "no rule"),
        ("# ops: ignore count-range because", "ignore-unused", "no longer reports anything"),
    ],
)
def test_a_comment_without_effect_is_reported(
    comment: str, rule: str, said: str, check_files: Check
) -> None:
    found = check_files({WORKER: f"{HEAD}count: -1 {comment}\n"})
    assert {each.rule for each in found} == {rule, "negative-count"}
    [about] = [each for each in found if each.rule == rule]
    assert said in about.message
    assert (about.path.as_posix(), about.line) == (WORKER, 4)


def test_a_comment_about_a_rule_that_did_not_run_is_not_called_unused(check_files: Check) -> None:
    text = f"{HEAD}secrets:\n  # ops: ignore secret-missing made by the deploy\n  A: /b\n"
    assert check_files({WORKER: text}) == []


def test_a_comment_in_a_dockerfile_is_no_mistake(check_files: Check) -> None:
    assert check_files({"Dockerfile": "# ignore this\nFROM python:3.12\n"}) == []
