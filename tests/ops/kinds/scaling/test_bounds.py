"""The limits of `scaling`: the last accepted value, and the first refused one."""

from typing import Any

import pytest
from pydantic import ValidationError

from ops.kinds.scaling.settings import BacklogPerTask, Settings

PUBLISHED = {"namespace": "Shop"}
LOAD = {"seconds_per_task": 1}
SECTIONS: dict[str, dict[str, Any]] = {
    "load_per_task": LOAD,
    "backlog_per_task": {"target": 5},
    "published_load": PUBLISHED,
}


@pytest.mark.parametrize(
    ("latency", "each", "target"),
    [("1m", 60, 1), ("1m", 61, 1), ("1s", 600, 1), ("1m", 59, 1.017), ("1m", 30, 2)],
)
def test_a_derived_target_is_a_message_at_the_least(
    latency: str, each: float, target: float
) -> None:
    section = {"acceptable_latency": latency, "seconds_per_task": each}
    assert BacklogPerTask.model_validate(section).messages_per_task == target


@pytest.mark.parametrize("period", ["10s", "20s", "30s", "1m", "5m", "1h"])
def test_periods_that_alarms_have(period: str) -> None:
    Settings.model_validate({"published_load": {**PUBLISHED, "period": period}})


@pytest.mark.parametrize("period", ["0s", "1s", "9s", "11s", "40s", "59s", "61s", "90s"])
def test_periods_that_no_alarm_has(period: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"published_load": {**PUBLISHED, "period": period}})


@pytest.mark.parametrize(
    ("section", "field", "least"),
    [
        ("load_per_task", "concurrency", 1),
        ("load_per_task", "scale_out_after", 1),
        ("load_per_task", "scale_in_after", 1),
        ("backlog_per_task", "concurrency", 1),
        ("published_load", "scale_in_after", 1),
    ],
)
def test_the_least_of_a_number(section: str, field: str, least: int) -> None:
    given = SECTIONS[section]
    Settings.model_validate({section: {**given, field: least}})
    with pytest.raises(ValidationError):
        Settings.model_validate({section: {**given, field: least - 1}})


@pytest.mark.parametrize(
    ("percent", "is_valid"), [(0, False), (0.1, True), (100, True), (101, False)]
)
def test_tasks_removed_at_once(percent: float, is_valid: bool) -> None:
    section = {"load_per_task": {**LOAD, "scale_in_at_most": percent}}
    if is_valid:
        Settings.model_validate(section)
    else:
        with pytest.raises(ValidationError):
            Settings.model_validate(section)


@pytest.mark.parametrize(
    ("below", "target", "above"), [(0.95, 0.95, 1.1), (0.9, 1.1, 1.1), (1, 0.9, 1.1)]
)
def test_thresholds_stand_apart(below: float, target: float, above: float) -> None:
    bounds = {"scale_in_below": below, "target": target, "scale_out_above": above}
    with pytest.raises(ValidationError, match="needs `scale_in_below` < `target`"):
        Settings.model_validate({"load_per_task": {**LOAD, **bounds}})
