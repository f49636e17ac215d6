"""Filter patterns of CloudWatch Logs, with the examples of its user guide."""

from __future__ import annotations

import json

import pytest

from ops.control.log_patterns import LogPattern, PatternError, field

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
EVENT = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "cluster.name": "c",
        "level": "ERROR",
        "logger": "amply.jobs",
        "seconds": 1.5,
        "status": 404,
        "isDone": True,
    }
)
ACCESS = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ("{ $.eventType = UpdateTrail }", True),
        ('{ $.eventType = "updatetrail" }', False),
        ('{ $.sourceIPAddress != "123.123.*" }', True),
        ("{ $.sourceIPAddress = 111.111.* }", True),
        ('{ $.arrayKey[0] = "value" }', True),
        ('{ $.arrayKey[2] = "value" }', False),
        ("{ $.objectList[1].id = 2 }", True),
        ("{ $.SomeObject IS NULL }", True),
        ("{ $.Other IS NULL }", False),
        ("{ $.Other NOT EXISTS }", True),
        ("{ $.level NOT EXISTS }", False),
        ("{ $.isDone IS TRUE }", True),
        ("{ $.isDone IS FALSE }", False),
        ("{ $.seconds > 1 }", True),
        ("{ $.seconds >= 1.5 && $.seconds < 2 }", True),
        ("{ $.level > 1 }", False),
        ("{ $.status = 404 }", True),
        ("{ $.status = 4* }", True),
        ("{ $.status = 5* }", False),
        ("{ $.sourceIPAddress = %111\\.[0-9]+% }", True),
        ("{ $.eventType = % }", False),
        ("{ $.eventType = %Update }", False),
        ('{ ($.level = "ERROR") || ($.level = "CRITICAL") }', True),
        ('{ ($.logger = "amply*") && (($.level = "WARN") || ($.level = "CRITICAL")) }', False),
        ('{ ($.logger = "amply*") && (($.level = "ERROR") || ($.level = "CRITICAL")) }', True),
        ('{ $.Other = "x" }', False),
        ('{ $.Other != "x" }', False),  # a reading of ours
    ],
)
def test_json(pattern: str, matches: bool) -> None:
    assert LogPattern(pattern).match(EVENT)[0] is matches


@pytest.mark.parametrize("line", ["", "ERROR", "[1]", '"level"', '{"level": '])
def test_other_lines_are_no_json(line: str) -> None:
    assert not LogPattern("{ $.level NOT EXISTS }").match(line)[0]


@pytest.mark.parametrize(
    ("pattern", "lines"),
    [
        ("", {"a", "ERROR 400 BAD", "ERROR: 401 no", "[INFO] 200 OK"}),
        ("ERROR", {"ERROR 400 BAD", "ERROR: 401 no"}),
        ("ERROR BAD", {"ERROR 400 BAD"}),
        ("?BAD ?OK", {"ERROR 400 BAD", "[INFO] 200 OK"}),
        ("?BAD ERROR", {"ERROR 400 BAD", "ERROR: 401 no"}),
        ("ERROR -401", {"ERROR 400 BAD"}),
        ('"400 BAD"', {"ERROR 400 BAD"}),
        ("%40[0-9]%", {"ERROR 400 BAD", "ERROR: 401 no"}),
        ("error", set()),
    ],
)
def test_text(pattern: str, lines: set[str]) -> None:
    found = LogPattern(pattern)
    every = {"a", "ERROR 400 BAD", "ERROR: 401 no", "[INFO] 200 OK"}
    assert {line for line in every if found.match(line)[0]} == lines


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("[ip, user, name, time, request, status, bytes]", True),
        ("[ip, user, name, time, request, status = 4*, bytes > 1000]", True),
        ("[ip, user, name, time, request, status = 5*, bytes]", False),
        ("[ip, user, name, time, request, status = 404 || status = 410, bytes]", True),
        ("[ip=%127\\.0%, ..., bytes]", True),
        ("[..., status = 404, bytes]", True),
        ("[ip, user]", False),
    ],
)
def test_space_delimited(pattern: str, matches: bool) -> None:
    assert LogPattern(pattern).match(ACCESS)[0] is matches


def test_the_fields_of_a_match_are_read_by_selectors() -> None:
    _, fields = LogPattern('{ $.level = "ERROR" }').match(EVENT)
    assert (field(fields, "$.seconds"), field(fields, "$.none")) == (1.5, None)
    _, fields = LogPattern("[ip, ..., bytes]").match(ACCESS)
    assert (field(fields, "$ip"), field(fields, "$bytes")) == ("127.0.0.1", "1534")


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.a = 1",
        "{ $.a }",
        "{ a = 1 }",
        "{ ($.a = 1 }",
        "{ $.a = 1 ) }",
        "{ $.a > x }",
        "{ $.a ~ 1 }",
        "{ $.a = %(% }",
        "[ip, user",
        "foo-bar",
        '"unended',
        "ERROR:",
        "“ERROR“",
        "%something!%",
        "%(a|b)%",
        "{ $.a = %a% && $.b = %b% && $.c = %c% }",
    ],
)
def test_what_is_no_pattern_is_an_error(pattern: str) -> None:
    with pytest.raises(PatternError):
        LogPattern(pattern)
