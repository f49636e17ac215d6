"""Rules of composite alarms and metric math in an ops.yml."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ops.kinds.alarms.live import live_alarms
from ops.kinds.alarms.rule import Rule, depths
from ops.kinds.alarms.settings import Settings

NAMES = {"a": "shop-a", "b": "shop-b"}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("ALARM(a)", 'ALARM("shop-a")'),
        ("ALARM( a )AND OK(b)", 'ALARM("shop-a") AND OK("shop-b")'),
        ("NOT (ALARM(a) OR\n TRUE)", 'NOT (ALARM("shop-a") OR TRUE)'),
        ('INSUFFICIENT_DATA("other one")', 'INSUFFICIENT_DATA("other one")'),
    ],
)
def test_a_rule_gets_full_names(text: str, written: str) -> None:
    assert Rule.parse(text).written(NAMES) == written


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "ends too early"),
        ("ALARM(a) AND", "ends too early"),
        ("ALARM(a) ALARM(b)", r"has `ALARM\(b\)` in a wrong place"),
        ("AND ALARM(a)", "has `AND` in a wrong place"),
        ("(ALARM(a)", "leaves a bracket open"),
        ("ALARM(a))", "closes a bracket"),
        ("alarm(a)", r"cannot be read from `alarm\(a\)` on"),
    ],
)
def test_a_rule_that_cloudwatch_cannot_read_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Rule.parse(text)


states = st.sampled_from(["ALARM(a)", "OK(b)", "TRUE", 'INSUFFICIENT_DATA("x y")'])
rules = st.recursive(
    states,
    lambda inner: (
        st.builds("{} AND {}".format, inner, inner)
        | st.builds("({} OR {})".format, inner, inner)
        | st.builds("NOT {}".format, inner)
    ),
)


@given(rules)
def test_every_rule_of_the_grammar_is_read_and_stays_as_it_is(text: str) -> None:
    written = Rule.parse(text).written(NAMES)
    assert Rule.parse(written).written({}) == written


def test_what_refers_to_composite_alarms_comes_later() -> None:
    assert depths({"a": (), "b": ("a",), "c": ("b", "elsewhere")}) == {"a": 0, "b": 1, "c": 2}
    with pytest.raises(ValueError, match="refers to itself: a → b → a"):
        depths({"a": ("b",), "b": ("a",)})


def test_live_alarms_are_in_the_stages_of_their_rules_by_name_or_arn() -> None:
    arn = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:low"
    described: list[dict[str, Any]] = [
        {"AlarmName": "top", "AlarmRule": "OK(middle)", "StateValue": "OK"},
        {"AlarmName": "middle", "AlarmRule": f'ALARM("{arn}")', "StateValue": "OK"},
        {"AlarmName": "low", "MetricName": "M", "StateValue": "OK"},
    ]
    assert {live.name: live.stage for live in live_alarms(described)} == {
        "top": 2,
        "middle": 1,
        "low": 0,
    }


def define(**alarm: object) -> Settings:
    return Settings.model_validate({"define": {"mine": {"summary": "Mine.", **alarm}}})


MATH: dict[str, Any] = {
    "expression": "100 * errors / requests",
    "metrics": {
        "errors": {"namespace": "Mine", "metric": "Errors", "dimensions": {}},
        "requests": {"namespace": "Mine", "metric": "Requests", "dimensions": {}},
    },
    "threshold": 5,
    "missing_data": "ignore",
}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            {"expression": "errors / reqests"},
            "there is no metric `reqests`; there are `errors`, `requests`",
        ),
        ({"metrics": {"Errors": MATH["metrics"]["errors"]}}, "`Errors` must be a word"),
        ({"period": "45s"}, "must be 10s, 20s, 30s or whole minutes"),
        ({"period": "1m", "evaluation_periods": 1441}, "at most a day"),
        ({"period": "1h", "evaluation_periods": 169}, "at most seven days"),
        ({"datapoints": 2}, "needs 2 datapoints of 1"),
        ({"threshold": "many"}, "must be a number, `max-tasks` or `min-tasks`"),
        ({"rule": "ALARM(a)"}, "Extra inputs"),
    ],
)
def test_what_cloudwatch_would_refuse_is_refused_first(
    change: dict[str, Any], complaint: str
) -> None:
    define(**MATH)
    with pytest.raises(ValidationError, match=complaint):
        define(**{**MATH, **change})


def test_a_circle_of_alarms_is_refused() -> None:
    with pytest.raises(ValidationError, match="refers to itself: mine → mine"):
        define(rule="ALARM(mine)")
    both = {name: {"summary": "Both.", "rule": f"ALARM({other})"} for name, other in ("ab", "ba")}
    with pytest.raises(ValidationError, match="refers to itself: a → b → a") as caught:
        Settings.model_validate({"define": both})
    assert caught.value.errors()[0]["loc"][:2] == ("define", "a")
    with pytest.raises(ValidationError, match="refers to `yours`, which is not among"):
        define(rule="ALARM(yours)")
    assert define(rule='ALARM("yours")')
