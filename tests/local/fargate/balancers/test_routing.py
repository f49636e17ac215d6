"""The rule that a request matches."""

from __future__ import annotations

from typing import Any

import pytest

from ops.local.fargate.balancers.routing import (
    Request,
    Rule,
    redirect_location,
    route,
    weighted_groups,
)


def request(path: str = "/", **other: Any) -> Request:  # noqa: ANN401 - further fields
    settings = {"method": "GET", "host": "api.example.com", "query": (), "headers": {}}
    return Request(path=path, source="127.0.0.1", **(settings | other))


def chosen(condition: dict[str, Any], asked: Request) -> bool:
    met, default = {"Type": "met"}, {"Type": "default"}
    rules = [Rule(float("inf"), (), (default,)), Rule(10, (condition,), (met,))]
    return route(rules, asked) == met


def test_the_lowest_priority_that_is_met_wins() -> None:
    rules = [
        Rule(float("inf"), (), ({"Type": "default"},)),
        Rule(50000, ({"Field": "path-pattern", "Values": ["/*"]},), ({"Type": "root"},)),
        Rule(3, ({"Field": "path-pattern", "Values": ["/admin/*"]},), ({"Type": "admin"},)),
    ]
    assert route(rules, request("/admin/x")) == {"Type": "admin"}
    assert route(rules, request("/health")) == {"Type": "root"}
    assert route([], request()) is None


@pytest.mark.parametrize(
    ("pattern", "path", "met"),
    [
        ("/api", "/api", True),
        ("/api", "/api/x", False),
        ("/api/*", "/api/x/y", True),
        ("/a?i", "/api", True),
        ("/a?i", "/ai", False),
        ("/API", "/api", False),
        ("/a.i", "/api", False),
    ],
)
def test_path_patterns_have_two_wildcards_and_mind_the_case(
    pattern: str, path: str, met: bool
) -> None:
    condition = {"Field": "path-pattern", "PathPatternConfig": {"Values": [pattern]}}
    assert chosen(condition, request(path)) is met


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ({"Field": "host-header", "Values": ["*.Example.com"]}, True),
        ({"Field": "host-header", "Values": ["example.com"]}, False),
        ({"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["POST"]}}, False),
        ({"Field": "source-ip", "SourceIpConfig": {"Values": ["127.0.0.0/8"]}}, True),
        ({"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}}, False),
        (
            {
                "Field": "http-header",
                "HttpHeaderConfig": {"HttpHeaderName": "X-Kind", "Values": ["t?st"]},
            },
            True,
        ),
        (
            {
                "Field": "query-string",
                "QueryStringConfig": {"Values": [{"Key": "v", "Value": "1*"}, {"Value": "z"}]},
            },
            True,
        ),
        ({"Field": "query-string", "QueryStringConfig": {"Values": [{"Value": "z"}]}}, False),
    ],
)
def test_every_kind_of_condition(condition: dict[str, Any], met: bool) -> None:
    asked = request(headers={"x-kind": ["test"]}, query=(("v", "12"),))
    assert chosen(condition, asked) is met


def test_all_conditions_of_a_rule_must_be_met() -> None:
    path = {"Field": "path-pattern", "Values": ["/*"]}
    host = {"Field": "host-header", "Values": ["other"]}
    assert route([Rule(1, (path, host), ({"Type": "x"},))], request()) is None


def test_a_forward_names_one_group_or_several_by_weight() -> None:
    groups = [{"TargetGroupArn": "a", "Weight": 1}, {"TargetGroupArn": "b", "Weight": "0"}]
    assert weighted_groups({"ForwardConfig": {"TargetGroups": groups}}) == {"a": 1, "b": 0}
    assert weighted_groups({"TargetGroupArn": "a"}) == {"a": 1}


def test_a_redirect_keeps_what_it_does_not_replace() -> None:
    asked = request("/a/b", query=(("x", "1"),))
    config = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    assert redirect_location(config, asked, 80) == "https://api.example.com:443/a/b?x=1"
    moved = {"Path": "/new/#{path}", "Host": "www.#{host}"}
    assert redirect_location(moved, asked, 80) == "http://www.api.example.com:80/new/a/b?x=1"
