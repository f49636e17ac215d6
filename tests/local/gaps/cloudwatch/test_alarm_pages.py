"""DescribeAlarms answers in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.ops.support.existing_alarm import put_alarm

if TYPE_CHECKING:
    from collections.abc import Callable


def first_page(client: Callable[[str], Any], name: str) -> Any:  # noqa: ANN401
    for at in range(3):
        put_alarm(client("cloudwatch"), f"{name}-{at}")
    return client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{name}-", MaxRecords=2)


def test_moto_still_answers_all_at_once(moto: Callable[[str], Any], name: str) -> None:
    page = first_page(moto, name)
    assert len(page["MetricAlarms"]) == 3
    assert "NextToken" not in page


def test_a_page_has_as_many_as_were_asked_for(embedded: Callable[[str], Any], name: str) -> None:
    page = first_page(embedded, name)
    assert len(page["MetricAlarms"]) == 2
    assert page["NextToken"]


def test_all_pages_have_each_alarm_once_of_both_kinds(
    embedded: Callable[[str], Any], name: str
) -> None:
    first_page(embedded, name)
    embedded("cloudwatch").put_composite_alarm(AlarmName=f"{name}-3", AlarmRule=f"OK({name}-0)")
    pages = (
        embedded("cloudwatch")
        .get_paginator("describe_alarms")
        .paginate(
            AlarmNamePrefix=f"{name}-",
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            PaginationConfig={"PageSize": 2},
        )
    )
    found = [[*page["MetricAlarms"], *page["CompositeAlarms"]] for page in pages]
    assert [len(page) for page in found] == [2, 2]
    names = sorted(alarm["AlarmName"] for page in found for alarm in page)
    assert names == [f"{name}-{at}" for at in range(4)]
