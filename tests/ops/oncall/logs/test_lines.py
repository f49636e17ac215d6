"""The selection of log lines, the pattern for CloudWatch, and the output."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.oncall.logs.event import RANKS, LogEvent
from ops.oncall.logs.lines import TextLines, as_json_line
from ops.oncall.logs.query import Query, any_of, equal_to

AT = 1_795_500_000_123


def event(message: str | dict[str, object], id_: str = "1") -> LogEvent:
    text = message if isinstance(message, str) else json.dumps(message)
    return LogEvent(AT, "worker", "copilot/worker/1", id_, text)


def passes(pattern: str, line: LogEvent) -> bool:
    """Return whether CloudWatch would return a line for a pattern of either form.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    """
    if not pattern:
        return True
    if pattern.startswith("{"):
        terms = re.findall(r'\(\$\.(\w+) = "([^"]*)"\)', pattern)
        fields = line.fields or {}
        return any(fields.get(name) == value for name, value in terms)
    return any(word in line.message for word in re.findall(r'\?"([^"]*)"', pattern))


LEVELS = st.sampled_from([*RANKS, *map(str.lower, RANKS), *map(str.capitalize, RANKS), "odd", 30])
FIELDS = st.dictionaries(
    st.sampled_from(["level", "levelname", "severity", "message", "request_id", "requestId"]),
    st.one_of(LEVELS, st.text(max_size=8), st.sampled_from(["req_1", "req_2"])),
)


@given(
    st.one_of(FIELDS.map(json.dumps), st.text()),
    st.one_of(st.none(), st.sampled_from(list(RANKS))),
    st.one_of(st.none(), st.text(max_size=6), st.just("req_1")),
)
def test_cloudwatch_keeps_no_wanted_line_away(
    message: str, level: str | None, request_id: str | None
) -> None:
    query, line = Query(level, request_id or None), event(message)
    if query.matches(line):
        assert passes(query.pattern, line), query.pattern
    assert len(query.pattern) <= 1024


@pytest.mark.parametrize("wanted", list(RANKS))
def test_cloudwatch_is_asked_for_every_spelling_of_a_level(wanted: str) -> None:
    query = Query(wanted)
    for name, rank in RANKS.items():
        for field in ("level", "levelname", "severity"):
            for spelling in (name, name.lower(), name.capitalize()):
                line = event({field: spelling})
                assert query.matches(line) is (rank >= RANKS[wanted])
                assert passes(query.pattern, line) or not query.matches(line)
    assert not query.matches(event({"level": "eRRoR"}))


def test_errors_and_requests_are_asked_of_cloudwatch() -> None:
    assert '($.level = "ERROR")' in Query("ERROR").pattern
    assert '($.level = "WARNING")' not in Query("ERROR").pattern
    assert Query("ERROR", "req_1").pattern == (
        '{ ($.request_id = "req_1") || ($.requestId = "req_1") }'
    )
    assert not Query(request_id='say "x"').pattern
    assert not Query(grep=re.compile("x")).pattern
    assert any_of(["a-1", "b-2"]) == '?"a-1" ?"b-2"'
    assert not any_of(["a b"])
    assert not equal_to(("level",), ["x" * 20] * 100)


@pytest.mark.parametrize(
    ("query", "message", "wanted"),
    [
        (Query("WARNING"), {"level": "ERROR"}, True),
        (Query("WARNING"), {"level": "warn"}, True),
        (Query("WARNING"), {"level": "INFO"}, False),
        (Query("WARNING"), {"severity": "Critical"}, True),
        (Query("WARNING"), "ERROR in plain text", False),
        (Query("DEBUG"), {"level": 30}, False),
        (Query(request_id="req_1"), {"request_id": "req_1"}, True),
        (Query(request_id="req_1"), {"message": "req_1"}, False),
        (Query(grep=re.compile("a.c")), "xabcx", True),
        (Query(grep=re.compile("a.c")), {"message": "abd"}, False),
    ],
)
def test_which_lines_are_wanted(
    query: Query, message: str | dict[str, object], *, wanted: bool
) -> None:
    assert query.matches(event(message)) is wanted


def test_a_structured_line_for_people() -> None:
    line = TextLines(("api", "worker")).line(
        event(
            {
                "timestamp": "2026-11-24T01:20:00Z",
                "level": "ERROR",
                "message": "Charge failed",
                "request_id": "req_1",
                "amount": 5000,
                "_aws": {"CloudWatchMetrics": []},
                "exception": "Traceback (most recent call last):\n  File x\nValueError: no",
            }
        )
    )
    text = re.sub(r"\x1b\[[0-9;]*m", "", line).splitlines()
    assert text[0] == (
        "2026-11-24 06:00:00.123 worker ERROR   Charge failed request_id=req_1 amount=5000"
    )
    assert text[1:] == [
        "    Traceback (most recent call last):",
        "      File x",
        "    ValueError: no",
    ]


@given(st.one_of(st.text(), FIELDS.map(json.dumps), st.just('{"message": "\\u001b]0;x\\u0007"}')))
def test_no_line_moves_the_cursor(message: str) -> None:
    shown = re.sub(r"\x1b\[[0-9;]*m", "", TextLines(("worker",)).line(event(message)))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", shown)


@given(st.one_of(st.text(), FIELDS.map(json.dumps)))
def test_a_line_for_programs_is_one_line_and_loses_nothing(message: str) -> None:
    line = as_json_line(event(message))
    assert "\n" not in line
    line.encode()
    data = json.loads(line)
    assert data["time"] == "2026-11-24T06:00:00.123+00:00"
    log = data["log"]
    assert (log if isinstance(log, str) else json.dumps(log)) == message
