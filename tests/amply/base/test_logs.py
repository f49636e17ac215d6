"""The log format of docs/design-page.md, for our log lines and those of libraries."""

import json
import logging

from amply.base.logs import JsonFormatter, bound, bound_identifier


def line_of(record: logging.LogRecord) -> dict[str, object]:
    text = JsonFormatter().format(record)
    assert "\n" not in text
    return dict(json.loads(text))


def record_of(name: str, message: str, *args: object, **extra: object) -> logging.LogRecord:
    record = logging.LogRecord(name, logging.INFO, "file.py", 1, message, args, None)
    record.created = 1_736_951_400.75  # 2025-01-15T14:30:00Z, and a bit
    vars(record).update(extra)
    return record


def test_the_required_format() -> None:
    record = record_of(
        "amply.api.routes.donations", "Donation created", donation_id="don_abc123", amount=5000
    )
    with bound(request_id="req_xyz789"):
        line = line_of(record)
    assert list(line.items()) == [
        ("timestamp", "2025-01-15T14:30:00Z"),
        ("level", "INFO"),
        ("logger", "amply.api.routes.donations"),
        ("message", "Donation created"),
        ("donation_id", "don_abc123"),
        ("amount", 5000),
        ("request_id", "req_xyz789"),
    ]


def test_libraries_keep_their_fields_to_themselves() -> None:
    data = {"id": "task-1", "kwargs": "{'donor': 'ada@example.org'}"}
    line = line_of(record_of("celery.app.trace", "Task %s", "failed", data=data, secret="sk_1"))
    assert line["message"] == "Task failed"
    assert list(line)[4:] == ["task_id"]
    assert line["task_id"] == "task-1"


def test_an_error_is_one_line_that_a_pipe_takes_whole() -> None:
    record = record_of("amply", "It failed")
    error = ValueError("a long story\n" * 1000 + "and the cause")
    record.exc_info = (ValueError, error, None)
    text = JsonFormatter().format(record)
    assert len(text) < 4096
    assert "and the cause" in text


def test_identifiers_are_bound_for_a_block_only() -> None:
    with bound(request_id="req_1"):
        with bound(task_id="task_1", request_id=None):
            assert (bound_identifier("request_id"), bound_identifier("task_id")) == (
                "req_1",
                "task_1",
            )
        assert bound_identifier("task_id") is None
    assert bound_identifier("request_id") is None
