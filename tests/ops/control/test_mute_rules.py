"""Alarm mute rules that CloudWatch refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.control.mute_rules import duration_of, mute_rule_refusals

ZONES = {"UTC", "Europe/Berlin"}
START = datetime(2027, 3, 1, tzinfo=UTC)


def _refusals(
    expression: str = "cron(0 19 * * MON-FRI)",
    duration: str = "PT12H",
    zone: str | None = "Europe/Berlin",
    **dates: datetime,
) -> list[str]:
    schedule: dict[str, Any] = {"Expression": expression, "Duration": duration}
    if zone is not None:
        schedule["Timezone"] = zone
    return list(mute_rule_refusals({"Rule": {"Schedule": schedule}, **dates}, ZONES))


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("PT1M", 1),
        ("P1D", 1440),
        ("P1DT2H3M", 1563),
        ("P", None),
        ("PT", None),
        ("P1DT", None),
        ("PT1S", None),
        ("1M", None),
    ],
)
def test_durations_are_days_hours_and_minutes(text: str, minutes: int | None) -> None:
    assert duration_of(text) == minutes


def test_accepted_rules() -> None:
    assert _refusals() == _refusals("at(2027-03-01T19:00)", zone=None) == []
    assert _refusals(duration="P15D") == _refusals(duration="PT1M") == []
    assert _refusals(StartDate=START, ExpireDate=START + timedelta(minutes=1)) == []
    assert _refusals(StartDate=START) == _refusals(ExpireDate=START) == []


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"expression": "rate(1 day)"}, "must be at("),
        ({"expression": "cron(0/5 19 * * MON)"}, "must be at("),
        ({"expression": "cron(0 19 * * MON 2027)"}, "must be at("),
        ({"duration": "P15DT1M"}, "from PT1M to P15D"),
        ({"duration": "PT0M"}, "from PT1M to P15D"),
        ({"duration": "an hour"}, "from PT1M to P15D"),
        ({"zone": "Europe/Atlantis"}, "does not exist"),
        ({"StartDate": START, "ExpireDate": START}, "after StartDate"),
    ],
)
def test_refused_rules(settings: dict[str, Any], why: str) -> None:
    [reason] = _refusals(**settings)
    assert why in reason
