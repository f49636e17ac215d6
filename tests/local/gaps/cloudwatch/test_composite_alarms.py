"""Composite alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.ops.support.existing_alarm import put_alarm

if TYPE_CHECKING:
    from collections.abc import Callable


def composites(client: Callable[[str], Any], name: str) -> Any:  # noqa: ANN401
    types = ["MetricAlarm", "CompositeAlarm"]
    answer = client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=types)
    return answer["CompositeAlarms"]


def test_moto_still_has_none(moto: Callable[[str], Any], name: str) -> None:
    put_alarm(moto("cloudwatch"), name)
    with pytest.raises(ClientError):
        moto("cloudwatch").put_composite_alarm(AlarmName=f"{name}-both", AlarmRule=f"ALARM({name})")


def test_one_is_kept_as_it_was_put(embedded: Callable[[str], Any], name: str) -> None:
    put_alarm(embedded("cloudwatch"), name)
    written = {
        "AlarmRule": f'ALARM("{name}") OR OK({name})',
        "AlarmDescription": "Both.",
        "AlarmActions": ["arn:aws:sns:eu-central-1:123456789012:page"],
        "ActionsSuppressor": name,
        "ActionsSuppressorWaitPeriod": 60,
        "ActionsSuppressorExtensionPeriod": 120,
        "ActionsEnabled": True,
    }
    embedded("cloudwatch").put_composite_alarm(AlarmName=f"{name}-both", **written)
    (alarm,) = composites(embedded, f"{name}-both")
    assert alarm.items() >= written.items()


def test_it_is_answered_to_those_who_ask_for_it(embedded: Callable[[str], Any], name: str) -> None:
    put_alarm(embedded("cloudwatch"), name)
    embedded("cloudwatch").put_composite_alarm(AlarmName=f"{name}-both", AlarmRule=f"OK({name})")
    answer = embedded("cloudwatch").describe_alarms(AlarmNames=[f"{name}-both"])
    assert answer["MetricAlarms"] == answer.get("CompositeAlarms", []) == []


def test_a_rule_names_alarms_that_are_there(embedded: Callable[[str], Any], name: str) -> None:
    with pytest.raises(ClientError, match="do not exist"):
        embedded("cloudwatch").put_composite_alarm(
            AlarmName=f"{name}-both", AlarmRule=f"ALARM({name})"
        )


def test_a_part_stays_while_it_is_needed(embedded: Callable[[str], Any], name: str) -> None:
    put_alarm(embedded("cloudwatch"), name)
    client = embedded("cloudwatch")
    client.put_composite_alarm(AlarmName=f"{name}-both", AlarmRule=f"ALARM({name})")
    with pytest.raises(ClientError, match="depending on it"):
        client.delete_alarms(AlarmNames=[name])
    client.delete_alarms(AlarmNames=[f"{name}-both"])
    client.delete_alarms(AlarmNames=[name])
    assert composites(embedded, f"{name}-both") == []
