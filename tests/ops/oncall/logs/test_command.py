"""`ops logs` against moto over HTTP. moto ignores JSON patterns, so the requests are checked."""

import json
import re
import time
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from ops.base import clock
from ops.copilot.deployed import Deployed
from ops.oncall.logs.remote import Ask, Logs
from tests.ops.conftest import Ops


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock at the present: moto drops lines that are two weeks old."""
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)


def ago(seconds: int) -> int:
    """Return the timestamp of some seconds ago, in milliseconds."""
    return round(clock.now().timestamp() * 1000) - 1000 * seconds


def write(service: str, *lines: tuple[int, str | dict[str, Any]]) -> None:
    """Write lines of one task, some seconds ago each."""
    client = boto3.client("logs")
    group, stream = f"/copilot/shop-prod-{service}", f"copilot/{service}/{time.monotonic_ns()}"
    client.create_log_stream(logGroupName=group, logStreamName=stream)
    client.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[
            {
                "timestamp": ago(seconds),
                "message": text if isinstance(text, str) else json.dumps(text),
            }
            for seconds, text in lines
        ],
    )


@pytest.fixture
def logged(deployed: dict[str, str]) -> None:
    """Log a request through two services, and other lines."""
    write(
        "web",
        (4000, {"level": "INFO", "message": "long ago"}),
        (50, {"level": "INFO", "message": "request", "request_id": "req_1"}),
        (20, {"level": "ERROR", "message": "other", "request_id": "req_2"}),
    )
    write("worker", (40, {"level": "INFO", "message": "task", "request_id": "req_1"}))
    write(
        "worker",
        (45, "plain text"),
        (30, {"level": "ERROR", "message": "no", "request_id": "req_1"}),
    )


def messages(out: str) -> list[str]:
    logs = [json.loads(line)["log"] for line in out.splitlines()]
    return [log if isinstance(log, str) else log["message"] for log in logs]


def test_services_are_merged_by_time(ops: Ops, logged: None) -> None:
    shown = ops("logs", "--env", "prod")
    assert shown.code == 0, shown
    assert messages(shown.out) == ["request", "plain text", "task", "no", "other"]


def test_what_is_asked_for(ops: Ops, logged: None) -> None:
    everything = ["long ago", "request", "plain text", "task", "no", "other"]
    for options, expected in (
        (["worker"], ["plain text", "task", "no"]),
        (["--since", "2h"], everything),
        (["--since", "2h", "--until", "1h"], ["long ago"]),
        (["--since", "1w1d"], everything),
        (["--level", "error"], ["no", "other"]),
        (["--request-id", "req_1"], ["request", "task", "no"]),
        (["--request-id", "req_1", "--level", "WARNING"], ["no"]),
        (["--grep", "t.sk|plain"], ["plain text", "task"]),
        (["--since", "2000-01-01", "--until", "2000-01-02T10:00+02:00"], list[str]()),
    ):
        shown = ops("logs", *options, "--env", "prod")
        assert shown.code == 0, shown
        assert messages(shown.out) == expected, options


def test_lines_for_people(ops: Ops, logged: None) -> None:
    shown = ops("logs", "--env", "prod", "--output", "text").out.splitlines()
    assert shown[1].endswith(" worker plain text")
    assert shown[0].endswith(" web    INFO    request request_id=req_1")


def test_what_makes_no_sense_is_refused(ops: Ops, deployed: dict[str, str]) -> None:
    for options, complaint in (
        (["--since", "soon"], "'soon' is not a time: pass whole numbers of s, m, h, d or w"),
        (["--since", "1.5h"], "such as 10m, 1h30m or 1w"),
        (["--since", "11000d"], "ten years at most"),
        (["--since", "1960-01-01"], "'1960-01-01' is before 1970"),
        (["--since", "1h", "--until", "2h"], "is before --since"),
        (["--until", "2000-01-01"], "--until (2000-01-01T00:00:00Z) is before --since ("),
        (["--grep", "("], "not a regular expression"),
        (["--level", "loud"], "'loud' is not one of"),
        (["--follow", "--until", "1m"], "pass one of them"),
    ):
        shown = ops("logs", *options, "--env", "prod")
        assert shown.code == 1
        assert complaint in shown.err


def test_pages_are_followed_to_the_end(
    logged: None, aws_of_ops: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check paging with two events a page; CloudWatch's pages hold 10,000."""
    write("web", *((10, f"line {number}") for number in range(5)))
    logs = Logs(aws_of_ops.aws, aws_of_ops.log_groups)
    ask = logs._client.filter_log_events
    monkeypatch.setattr(
        logs, "_client", SimpleNamespace(filter_log_events=lambda **each: ask(**each, limit=2))
    )
    found = [event.message for event in logs.read(Ask(ago(60))) if "line" in event.message]
    assert found == [f"line {number}" for number in range(5)]
    assert [e.message for e in logs.read_one("web", Ask(ago(15)))] == found


def test_a_service_whose_logs_are_refused_hides_no_other(ops: Ops, logged: None) -> None:
    boto3.client("logs").delete_log_group(logGroupName="/copilot/shop-prod-web")
    shown = ops("logs", "--env", "prod")
    assert shown.code == 1
    assert "The logs of `web` could not be read: AWS refused FilterLogEvents" in shown.err
    assert messages(shown.out) == ["plain text", "task", "no"]


def test_following_shows_what_comes_once(
    ops: Ops, logged: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = iter(range(4))

    def wait(_: float) -> None:
        match next(rounds):
            case 0:
                write("web", (2, "later"))
            case 1:
                write("worker", (25, "came late"))
            case 3:
                raise KeyboardInterrupt

    monkeypatch.setattr("ops.commands.oncall.logs.time", SimpleNamespace(sleep=wait))
    shown = ops("logs", "--follow", "--env", "prod")
    assert shown.code == 0, shown
    expected = ["request", "plain text", "task", "no", "other", "later", "came late"]
    assert messages(shown.out) == expected


def test_following_goes_on_when_a_round_fails(
    ops: Ops, logged: None, refused: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = iter(range(3))
    refused.append("FilterLogEvents")

    def wait(_: float) -> None:
        match next(rounds):
            case 0:
                refused.clear()
            case 2:
                raise KeyboardInterrupt

    monkeypatch.setattr("ops.commands.oncall.logs.time", SimpleNamespace(sleep=wait))
    shown = ops("logs", "worker", "--follow", "--env", "prod")
    assert "The logs of `worker` could not be read: AWS does not allow FilterLogEvents" in shown.err
    assert messages(shown.out) == ["plain text", "task", "no"]


def test_without_a_match_it_says_where_it_looked(ops: Ops, logged: None) -> None:
    none = ops("logs", "--env", "prod", "--grep", "no such thing", "--since", "1h")
    assert (none.code, none.out) == (0, "")
    assert "No lines that match in the logs of web, worker from " in none.err
    assert "Look further back with --since" in none.err
    assert ops("logs", "--env", "prod").err == ""


def test_follow_says_what_it_follows(
    ops: Ops, logged: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ops.commands.oncall.logs.time.sleep", interrupt)
    followed = ops("logs", "web", "--env", "prod", "--follow")
    assert re.match(r"Following web in prod since .* UTC\. Stop with Ctrl-C\.\n", followed.err)
