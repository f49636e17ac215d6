"""CloudTrail's event history, which names the author of each change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.ops.support.existing_alarm import put_alarm

if TYPE_CHECKING:
    from collections.abc import Callable


def lookup(client: Callable[[str], Any], operation: str) -> list[dict[str, Any]]:
    named = [{"AttributeKey": "EventName", "AttributeValue": operation}]
    pages = client("cloudtrail").get_paginator("lookup_events").paginate(LookupAttributes=named)
    return [json.loads(each["CloudTrailEvent"]) for page in pages for each in page["Events"]]


def test_moto_still_has_no_event_history(moto: Callable[[str], Any]) -> None:
    with pytest.raises(ClientError):
        moto("cloudtrail").lookup_events()


def test_a_write_is_in_it_with_its_parameters(embedded: Callable[[str], Any], name: str) -> None:
    put_alarm(embedded("cloudwatch"), name)
    embedded("cloudwatch").delete_alarms(AlarmNames=[name, "other"])
    parameters = [each["requestParameters"] for each in lookup(embedded, "PutMetricAlarm")]
    assert parameters[0]["alarmName"] == name
    removal = lookup(embedded, "DeleteAlarms")[0]
    assert removal["requestParameters"] == {"alarmNames": [name, "other"]}
    assert removal["userIdentity"]["userName"] == "embedded"
    assert "Botocore" in removal["userAgent"]


def test_json_and_query_calls_are_read_alike(embedded: Callable[[str], Any], name: str) -> None:
    embedded("events").put_rule(Name=name, ScheduleExpression="rate(1 day)")
    embedded("sns").create_topic(Name=name)
    for operation in ("PutRule", "CreateTopic"):
        parameters = lookup(embedded, operation)[0]["requestParameters"]
        assert parameters.get("name") == name, (operation, parameters)


def test_reads_refusals_and_secrets_are_not_in_it(
    embedded: Callable[[str], Any], name: str
) -> None:
    embedded("secretsmanager").create_secret(Name=name, SecretString="hush")  # made up
    embedded("cloudwatch").describe_alarms()
    with pytest.raises(ClientError):
        embedded("events").put_rule(Name=name)
    assert lookup(embedded, "DescribeAlarms") == []
    assert "hush" not in json.dumps(lookup(embedded, "CreateSecret"))
