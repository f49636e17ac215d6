"""The verdict on a story, from its observations."""

from __future__ import annotations

from typing import Any

from ops.local.gameday.evidence import Change, Evidence, Sample
from ops.local.gameday.report import page
from ops.local.gameday.story import Story
from ops.local.gameday.timeline import clock, lines, verdict_lines
from ops.local.gameday.verdict import judge


def story(**rest: object) -> Story:
    given = {"title": "A <story>", "environment": "prod", "steps": [{"wait": "1m"}], **rest}
    return Story.model_validate(given)


def failed(told: Story, evidence: Evidence) -> list[str]:
    return [check.what for check in judge(told, evidence) if not check.passed]


def counts(*values: int) -> list[Sample]:
    return [Sample(60.0 * n, {"worker": v}, {"worker": v}, {"q": 3}) for n, v in enumerate(values)]


EXPECT = {"alarms": {"backlog": "10m"}, "may_alarm": ["slow"]}


def test_nothing_seen_of_a_story_that_expects_nothing_passes() -> None:
    assert failed(story(), Evidence()) == []
    assert failed(story(), Evidence(fault="no answer")) == ["every step was played"]


def test_an_alarm_fires_in_time_and_recovers() -> None:
    good = [Change(300, "a-backlog", "ALARM"), Change(900, "a-backlog", "OK")]
    told = story(expect=EXPECT)
    assert failed(told, Evidence(changes=good)) == []
    assert failed(told, Evidence(changes=good[:1])) == ["backlog recovers"]
    assert failed(told, Evidence()) == ["backlog fires within 10m"]
    late = [Change(601, "a-backlog", "ALARM"), Change(900, "a-backlog", "OK")]
    assert failed(told, Evidence(changes=late)) == ["backlog fires within 10m"]


def test_no_other_alarm_fires() -> None:
    allowed = ("a-slow", "TargetTracking-x")
    quiet = [Change(1, "x", "OK"), *(Change(1, name, "ALARM") for name in allowed)]
    assert failed(story(expect={"may_alarm": ["slow"]}), Evidence(changes=quiet)) == []
    loud = [*quiet, Change(2, "a-other", "ALARM")]
    assert failed(story(expect={"may_alarm": ["slow"]}), Evidence(changes=loud)) == [
        "no other alarm fires"
    ]


def test_the_count_goes_where_the_rules_say() -> None:
    told = story(expect={"counts": {"worker": {"most": 4, "at_least": 2, "last": "<= 2"}}})
    assert failed(told, Evidence(samples=counts(2, 2, 4, 2))) == []
    assert failed(told, Evidence(samples=counts(2, 5, 1, 3))) == [
        "worker reaches 4",
        "worker has never fewer than 2",
        "worker ends with <= 2",
    ]
    check = next(
        c for c in judge(told, Evidence(samples=counts(2, 2, 4, 2))) if "reaches" in c.what
    )
    assert check.detail == "2 → 4 → 2"
    assert failed(told, Evidence()) == ["worker has a desired count"]
    most = story(expect={"counts": {"worker": {"at_most": 4}}})
    assert failed(most, Evidence(samples=counts(2, 5))) == ["worker has never more than 4"]


def test_nothing_is_lost() -> None:
    each = {"path": "/d/{id}", "field": "status", "value": "succeeded"}
    told = story(steps=[{"load": {"path": "/d", "number": 2}}], expect={"each": each})
    assert failed(told, Evidence(made=2)) == []
    assert failed(told, Evidence(made=1, refused=["status 500"])) == ["every request was accepted"]
    lost = Evidence(made=2, unsettled=["d1 is pending"])
    assert failed(told, lost) == ["each has the status succeeded at the end"]
    assert failed(told, Evidence(made=2, commands={"proof": "no"})) == ["proof"]


def test_it_serves_all_the_time() -> None:
    told = story(serving={"path": "/health", "failures": 1})
    assert failed(told, Evidence(asked=9, unserved=["status 503"])) == []
    assert failed(told, Evidence(asked=9, unserved=["status 503"] * 2)) == [
        "/health answers all the time"
    ]


def test_the_timeline_leaves_out_first_points_and_notifications() -> None:
    def entry(kind: str, text: str) -> dict[str, Any]:
        return {"time": 3723.0, "kind": kind, "subject": "service/shop/web", "text": text}

    entries = [
        entry("alarm", "INSUFFICIENT_DATA → OK: points"),
        entry("notification", "to a topic"),
        entry("scaling", "2 → 4: high\nasks for 4"),
    ]
    assert list(lines(Evidence(entries=entries))) == [
        "+1:02:03  scaling    web 2 → 4: high asks for 4"
    ]
    assert clock(-1) == "+0:00:00"


def test_the_page_shows_verdict_curves_and_timeline_as_text() -> None:
    evidence = Evidence(samples=counts(2, 4), changes=[Change(1, "<b>", "ALARM")])
    evidence.entries = [{"time": 1.0, "kind": "alarm", "subject": "<b>", "text": "<i>"}]
    checks = judge(story(), evidence)
    shown = page(story(), evidence, checks)
    assert "A &lt;story&gt;" in shown
    assert "&lt;i&gt;" in shown
    assert "<b>" not in shown
    assert 'points="0.0,60.0 720.0,60.0 720.0,4.0"' in shown  # a step from 2 to 4
    assert "failed" in shown
    assert "✗ no other alarm fires: <b>" in list(verdict_lines(checks))
