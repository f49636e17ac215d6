"""Metric filters and saved queries that CloudWatch Logs refuses."""

from __future__ import annotations

import pytest

from ops.control.logs import filter_refusals, has_fields, query_refusals

THREE = {"a": "$.a", "b": "$.b", "c": "$.c"}


@pytest.mark.parametrize(
    ("pattern", "is_split"), [(" { $.a = 1 }", True), ("[a, b]", True), ("ERROR", False)]
)
def test_json_and_columns_have_fields(pattern: str, is_split: bool) -> None:
    assert has_fields(pattern) is is_split


@pytest.mark.parametrize(
    ("pattern", "transformation", "refusals"),
    [
        ("{ $.a = 1 }", {"dimensions": THREE}, []),
        ("ERROR", {"defaultValue": 0}, []),
        ("ERROR", {"dimensions": {}, "defaultValue": 0}, []),
        ("{ $.a = }", {}, ["Invalid metric filter pattern: The filter pattern ends too early"]),
        ("ERROR", {"dimensions": {"a": "$.a"}}, ["does not support dimensions"]),
        ("{ $.a = 1 }", {"dimensions": THREE, "defaultValue": 0}, ["either dimensions or"]),
        ("{ $.a = 1 }", {"dimensions": {**THREE, "d": "$.d"}}, ["at most 3 dimensions"]),
    ],
)
def test_filters(pattern: str, transformation: dict[str, object], refusals: list[str]) -> None:
    request = {"filterPattern": pattern, "metricTransformations": [transformation]}
    reasons = list(filter_refusals(request))
    assert len(reasons) == len(refusals)
    assert all(part in reason for part, reason in zip(refusals, reasons, strict=True))


@pytest.mark.parametrize(("groups", "refusals"), [(0, 0), (50, 0), (51, 1)])
def test_a_query_has_at_most_fifty_log_groups(groups: int, refusals: int) -> None:
    assert len(list(query_refusals({"logGroupNames": ["group"] * groups}))) == refusals
