"""The output of `ops queue`."""

from datetime import UTC, datetime

import pytest

from ops.oncall.queue.groups import Group
from ops.oncall.queue.lines import groups_as_text, messages_as_text, planned_as_text
from ops.oncall.queue.message import Message
from ops.oncall.queue.redrive import Plan
from ops.oncall.queue.state import QueueState
from tests.ops.oncall.queue.celery_messages import celery_message

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
STATE = QueueState("jobs", 0, 0, 0, visibility_timeout=60, retention=86400)


@pytest.mark.parametrize("evil", ["\x1b[2Jgone", "gone\rall well", "gone\nall well", "\x9b2Jgone"])
def test_no_message_moves_the_cursor_or_writes_a_line_of_its_own(evil: str) -> None:
    message = Message("m1", "handle", celery_message(f"task{evil}", task_id=f"id{evil}"))
    group = Group(message.kind, f"Error{evil}", (message,))
    plan = Plan("dead", "jobs", 1, 1.0)
    for text, lines in (
        (messages_as_text([message], STATE, NOW), 2),
        (groups_as_text("dead", [group], 1, NOW), 4),
        (planned_as_text(plan, [group], 1), 2),
    ):
        assert len(text.splitlines()) == lines
        assert all(line.isprintable() for line in text.split("\n"))
        assert "gone" in text
