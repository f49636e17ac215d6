"""Metrics are log lines in CloudWatch's embedded metric format."""

import json
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest

from amply.base import metrics
from amply.base.logs import JsonFormatter, bound

# The specification's limits, as far as we could break them.
LONGEST_LINE_BYTES = 4096  # a pipe takes it whole; CloudWatch allows 1 MB
MOST_DIMENSIONS = 30


def written(caplog: pytest.LogCaptureFixture, write: Callable[[], None]) -> dict[str, Any]:
    """Return the one line that `write` logs, parsed as JSON."""
    caplog.set_level(logging.INFO, logger="amply.base.metrics")
    write()
    (record,) = caplog.records
    text = JsonFormatter().format(record)
    assert len(text) < LONGEST_LINE_BYTES
    return dict(json.loads(text))


def test_a_count_is_a_line_of_the_page_s_format_and_a_metric(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = time.time_ns() // 1_000_000
    with bound(task_id="task-1"):
        line = written(caplog, lambda: metrics.count("TaskFailures", Task="amply.charge"))

    assert list(line)[:4] == ["timestamp", "level", "logger", "message"]
    assert line["message"] == "TaskFailures 1"
    assert line["task_id"] == "task-1"
    assert (line["TaskFailures"], line["Task"], line["Environment"]) == (
        1,
        "amply.charge",
        "development",
    )
    assert before <= line["_aws"]["Timestamp"] <= time.time_ns() // 1_000_000
    assert line["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": "Amply",
            "Dimensions": [["Environment", "Task"]],
            "Metrics": [{"Name": "TaskFailures", "Unit": "Count"}],
        }
    ]


@pytest.mark.parametrize(
    ("write", "name", "value", "unit"),
    [
        (lambda: metrics.count("Ticks", 12), "Ticks", 12, "Count"),
        (lambda: metrics.duration("Duration", 0.12345678), "Duration", 0.123457, "Seconds"),
        (lambda: metrics.gauge("OutboxAge", 3.5, "Seconds"), "OutboxAge", 3.5, "Seconds"),
    ],
)
def test_each_kind_has_its_unit(
    caplog: pytest.LogCaptureFixture,
    write: Callable[[], None],
    name: str,
    value: float,
    unit: str,
) -> None:
    line = written(caplog, write)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Metrics"] == [{"Name": name, "Unit": unit}]
    assert line[name] == value


def test_every_name_that_the_metadata_refers_to_is_in_the_line(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    line = written(caplog, lambda: metrics.count("Mails", Kind="receipt", Outcome="sent"))
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    (dimensions,) = directive["Dimensions"]
    assert len(dimensions) <= MOST_DIMENSIONS
    assert {name: line[name] for name in dimensions} == {
        "Environment": "production",
        "Kind": "receipt",
        "Outcome": "sent",
    }
