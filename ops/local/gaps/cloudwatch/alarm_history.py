"""The history of alarms.

AWS: DescribeAlarmHistory returns changes of state, actions and changes of configuration, the newest
first.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html

moto: has no DescribeAlarmHistory.

Closed for changes of state and for actions, which the control loop records.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

if TYPE_CHECKING:
    from moto.cloudwatch.models import CloudWatchBackend

_PAGE = 100
KEPT = 10_000
"""Entries that are kept; CloudWatch keeps those of 30 days."""


def record(backend: CloudWatchBackend, alarm: Any, kind: str, summary: str, data: str) -> None:
    """Add an entry: `kind` is StateUpdate or Action."""
    entry = {
        "AlarmName": alarm.name,
        "AlarmType": "MetricAlarm" if alarm.rule is None else "CompositeAlarm",
        "Timestamp": datetime.now(UTC),
        "HistoryItemType": kind,
        "HistorySummary": summary,
        "HistoryData": data,
    }
    history = _history(backend)
    history.insert(0, entry)
    del history[KEPT:]


def _history(backend: CloudWatchBackend) -> list[dict[str, Any]]:
    history: list[dict[str, Any]] = backend.__dict__.setdefault("alarm_history", [])
    return history


def _describe(self: CloudWatchResponse) -> ActionResult:
    name, kind = self._get_param("AlarmName"), self._get_param("HistoryItemType")
    types = self._get_param("AlarmTypes", []) or ["MetricAlarm"]
    start, end = self._get_param("StartDate"), self._get_param("EndDate")
    entries = [
        entry
        for entry in list(_history(self.cloudwatch_backend))
        if name in (None, entry["AlarmName"])
        and kind in (None, entry["HistoryItemType"])
        and entry["AlarmType"] in types
        and (start is None or entry["Timestamp"] >= _aware(start))
        and (end is None or entry["Timestamp"] < _aware(end))
    ]
    if self._get_param("ScanBy") == "TimestampAscending":
        entries.reverse()
    begin = int(self._get_param("NextToken") or 0)
    stop = begin + min(int(self._get_param("MaxRecords") or _PAGE), _PAGE)
    more = {"NextToken": str(stop)} if len(entries) > stop else {}
    return ActionResult({"AlarmHistoryItems": entries[begin:stop], **more})


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def close() -> None:
    """Answer DescribeAlarmHistory."""
    response: Any = CloudWatchResponse
    response.describe_alarm_history = _describe
