"""`ops queue` on FIFO queues: a received message blocks the later ones of its group."""

import base64
import json
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest

from tests.ops.conftest import Ops
from tests.ops.oncall.conftest import counts
from tests.ops.oncall.queue.celery_messages import celery_message

FIRST, SECOND = "shop.a", "shop.b"
BEHIND = (
    "10 of 15 messages were returned: a FIFO queue returns only the first messages of each group"
)


@pytest.fixture
def fifo(
    deployed: dict[str, str], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Write fifteen dead letters in one group: twelve of a task, then three of another."""
    monkeypatch.setattr("ops.oncall.queue.remote._WAIT", 0)
    monkeypatch.setattr("ops.commands.oncall.queue.time", SimpleNamespace(sleep=lambda _: None))
    declared = workspace / "copilot/worker/ops.yml"
    declared.write_text("queue: {name: jobs.fifo, dead_letters: dead.fifo}\n")
    sqs = boto3.client("sqs")
    urls = {
        name: sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"})["QueueUrl"]
        for name in ("jobs.fifo", "dead.fifo")
    }
    for at in range(15):
        sqs.send_message(
            QueueUrl=urls["dead.fifo"],
            MessageBody=celery_message(FIRST if at < 12 else SECOND, task_id=f"t{at:02}"),
            MessageGroupId="default",
            MessageDeduplicationId=str(at),
        )
    return urls


def tasks(url: str) -> list[str]:
    """Return the task IDs of a queue in order, and empty the queue."""
    sqs, found = boto3.client("sqs"), list[str]()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for each in messages:
            found.append(json.loads(base64.b64decode(each["Body"]))["headers"]["id"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return found


def test_what_cannot_be_seen_is_told(ops: Ops, fifo: dict[str, str]) -> None:
    for command in (
        ("dlq", "worker"),
        ("peek", "worker", "--dead-letters", "--limit", "20"),
        ("redrive", "worker", "--dry-run"),
    ):
        shown = ops("queue", *command, "--env", "prod")
        assert shown.code == 0, shown
        assert BEHIND in shown.out, command
        assert ops("queue", *command, "--env", "prod", "--output", "json").data["unseen"] == 5
    assert counts(fifo["dead.fifo"]) == {"visible": 15, "hidden": 0}


def test_a_group_that_a_consumer_is_at_is_not_empty(ops: Ops, fifo: dict[str, str]) -> None:
    boto3.client("sqs").receive_message(QueueUrl=fifo["dead.fifo"], VisibilityTimeout=60)
    shown = ops("queue", "dlq", "worker", "--env", "prod")
    assert "dead.fifo returned none of 15 dead letters.\n\n0 of 15 messages" in shown.out


def test_everything_goes_back_in_its_order(ops: Ops, fifo: dict[str, str]) -> None:
    done = ops("queue", "redrive", "worker", "--env", "prod")
    assert done.code == 0, done
    assert "15 messages sent back to jobs.fifo." in done.out
    assert tasks(fifo["jobs.fifo"]) == [f"t{at:02}" for at in range(15)]


def test_a_task_behind_others_is_not_passed_over_in_silence(ops: Ops, fifo: dict[str, str]) -> None:
    done = ops("queue", "redrive", "worker", "--task", SECOND, "--env", "prod")
    assert done.code == 1
    assert "0 messages sent back to jobs.fifo." in done.out
    assert "5 dead letters of dead.fifo cannot be sent: in a FIFO queue" in done.err
    assert "Send all of them, without --task" in done.err
    first = ops("queue", "redrive", "worker", "--task", FIRST, "--env", "prod")
    assert first.code == 0, first
    assert "12 messages sent back to jobs.fifo." in first.out
    assert "3 from other tasks or queues stay in dead.fifo." in first.out
    assert ops("queue", "redrive", "worker", "--task", SECOND, "--env", "prod").code == 0
    assert tasks(fifo["jobs.fifo"]) == [f"t{at:02}" for at in range(15)]
