"""Alarms that fail a deployment."""

from __future__ import annotations

from ops.control.cloudwatch.evaluation import State
from ops.control.ecs.deployment_alarms import (
    AlarmView,
    DeploymentAlarms,
    bake_time,
    tripped,
    watched,
)
from ops.control.undocumented import Choices

SETTINGS = DeploymentAlarms.of(
    {"alarmNames": ["slow", "ill"], "enable": "true", "rollback": "true"}
)


def alarms(slow: State, ill: State = State.OK) -> list[AlarmView]:
    others = AlarmView("other", State.ALARM, 9000)
    return [AlarmView("slow", slow, 180), AlarmView("ill", ill, 120), others]


def test_the_alarms_are_watched_and_one_in_alarm_fails_the_deployment() -> None:
    names = watched(SETTINGS, alarms(State.OK))
    assert names == ("slow", "ill")
    assert tripped(names, alarms(State.OK, State.INSUFFICIENT_DATA)) is None
    assert tripped(names, alarms(State.OK, State.ALARM)) == "ill"


def test_one_in_alarm_at_the_start_switches_all_off() -> None:
    names = watched(SETTINGS, alarms(State.ALARM))
    assert names == ()
    assert tripped(names, alarms(State.ALARM, State.ALARM)) is None


def test_an_alarm_that_does_not_exist_is_not_watched() -> None:
    assert watched(SETTINGS, [AlarmView("ill", State.OK, 120)]) == ("ill",)
    assert watched(DeploymentAlarms.of(None), alarms(State.OK)) == ()


def test_it_bakes_for_two_windows_of_the_slowest_alarm() -> None:
    names = watched(SETTINGS, alarms(State.OK))
    assert bake_time(names, alarms(State.OK)) == 450
    assert bake_time(names, alarms(State.OK), Choices(bake_windows=1)) == 180
    assert bake_time((), alarms(State.OK)) == 0
