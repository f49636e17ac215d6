"""The state of an alarm before its first evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.ops.support.existing_alarm import put_alarm

if TYPE_CHECKING:
    from collections.abc import Callable


def state(client: Callable[[str], Any], name: str) -> str:
    (alarm,) = client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(alarm["StateValue"])


def test_moto_still_begins_an_alarm_as_ok(moto: Callable[[str], Any], name: str) -> None:
    put_alarm(moto("cloudwatch"), name)
    assert state(moto, name) == "OK"


def test_an_alarm_begins_without_data(embedded: Callable[[str], Any], name: str) -> None:
    put_alarm(embedded("cloudwatch"), name)
    assert state(embedded, name) == "INSUFFICIENT_DATA"


def test_an_alarm_that_is_put_again_keeps_its_state(
    embedded: Callable[[str], Any], name: str
) -> None:
    put_alarm(embedded("cloudwatch"), name)
    embedded("cloudwatch").set_alarm_state(
        AlarmName=name, StateValue="ALARM", StateReason="the queue is long"
    )
    put_alarm(embedded("cloudwatch"), name, threshold=2.0)
    (alarm,) = embedded("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert (alarm["StateValue"], alarm["StateReason"]) == ("ALARM", "the queue is long")
    assert alarm["Threshold"] == 2.0
