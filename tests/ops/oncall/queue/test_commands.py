"""`ops queue` against moto over HTTP."""

import base64
import json
import sys
import time
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from tests.ops.conftest import Ops
from tests.ops.oncall.conftest import DEAD, JOBS, counts
from tests.ops.oncall.queue.celery_messages import celery_message

CHARGE, RECEIPT = "shop.charge", "shop.receipt"


class Terminal(StringIO):
    """A terminal at which somebody has typed an answer."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run without a terminal and without an answer."""
    monkeypatch.delenv("OPS_YES")
    monkeypatch.setattr(sys, "stdin", StringIO())


@pytest.fixture
def dead(queues: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Write five dead letters: three charges (two of them in the log), a receipt, and another
    message.
    """
    sqs = boto3.client("sqs")
    for body in (
        *(celery_message(CHARGE, at, task_id=f"charge-{at}") for at in range(3)),
        celery_message(RECEIPT, task_id="receipt-0"),
        "by hand",
    ):
        sqs.send_message(
            QueueUrl=queues[DEAD],
            MessageBody=body,
            MessageAttributes={"origin": {"DataType": "String", "StringValue": "test"}},
        )
    logs, group = boto3.client("logs"), "/copilot/shop-prod-worker"
    logs.create_log_stream(logGroupName=group, logStreamName="worker")
    logs.put_log_events(
        logGroupName=group,
        logStreamName="worker",
        logEvents=[
            {
                "timestamp": round(time.time() * 1000) + 500 + at,
                "message": json.dumps({"task_id": id_, "exception": "Traceback\nKeyError: 1"}),
            }
            for at, id_ in enumerate(("charge-0", "charge-2", "somebody-else"))
        ],
    )
    monkeypatch.setattr("ops.commands.oncall.queue.time", SimpleNamespace(sleep=lambda _: None))
    return queues


def bodies(url: str) -> list[dict[str, Any]]:
    """Return all messages of a queue with their attributes."""
    found: list[Any] = []
    while True:
        answer = boto3.client("sqs").receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=9
        )
        if not answer.get("Messages"):
            return found
        found += answer["Messages"]


def test_show_tells_what_is_in_a_queue(ops: Ops, dead: dict[str, str], alone: None) -> None:
    shown = ops("queue", "show", "worker", "--env", "prod")
    assert shown.code == 0, shown
    assert "shop-prod-jobs\n  0 visible, 0 in flight, 0 delayed\n" in shown.out
    assert "hidden for 1 min when received, kept for 4 d" in shown.out
    assert "after 3 deliveries to shop-prod-jobs-dead, which has 5" in shown.out
    by_name = ops("queue", "show", "--queue", DEAD, "--env", "prod", "--output", "json").data
    assert by_name["queues"][0]["visible"] == 5
    assert by_name["queues"][0]["dead_letters"] is None


@pytest.mark.parametrize("command", ["show", "dlq", "peek"])
def test_a_url_is_no_name_of_a_queue(ops: Ops, dead: dict[str, str], command: str) -> None:
    url = f"https://sqs.eu-central-1.amazonaws.com/123456789012/{DEAD}"
    run = ops("queue", command, "--queue", url, "--env", "prod")
    assert run.code == 1
    assert f"--queue must be the name of a queue, not its URL or ARN: write `{DEAD}`" in run.err


def test_show_tells_every_queue_and_those_that_are_not_there(
    ops: Ops, queues: dict[str, str], workspace: Path
) -> None:
    with (workspace / "copilot/web/ops.yml").open("a") as file:
        file.write("queue:\n  name: nowhere\n")
    shown = ops("queue", "show", "--env", "prod")
    assert shown.code == 1
    assert "shop-prod-jobs\n" in shown.out
    assert "There is no queue `nowhere` in this account and region" in shown.err


def test_a_service_without_a_queue_is_told_what_to_write(
    ops: Ops, deployed: dict[str, str]
) -> None:
    shown = ops("queue", "show", "worker", "--env", "prod")
    assert shown.code == 1
    assert "`worker` names no queue in its ops.yml. Write `queue: {name: …}`" in shown.err


def test_peek_leaves_messages_where_they_are(ops: Ops, dead: dict[str, str], alone: None) -> None:
    shown = ops("queue", "peek", "worker", "--dead-letters", "--limit", "3", "--env", "prod")
    assert shown.code == 0, shown
    assert "delivered once, including this one" in shown.out
    assert "shop.charge(0)  charge-0" in shown.out
    assert len(shown.out.splitlines()) == 6
    assert counts(dead[DEAD]) == {"visible": 5, "hidden": 0}
    everything = ops("queue", "peek", "--dead-letters", "--env", "prod", "--output", "json").data
    assert len(everything["messages"]) == 5
    assert sum(each["task"] is None for each in everything["messages"]) == 1
    assert {each["receives"] for each in everything["messages"]} == {1, 2}


def test_peek_asks_where_a_look_may_kill_a_message(
    ops: Ops, queues: dict[str, str], alone: None
) -> None:
    boto3.client("sqs").send_message(QueueUrl=queues[JOBS], MessageBody="work")
    refused = ops("queue", "peek", "worker", "--env", "prod")
    assert refused.code == 1
    assert "Pass --yes" in refused.err
    for _ in range(3):
        shown = ops("queue", "peek", "worker", "--yes", "--env", "prod")
    assert (
        "delivered 3 times, including this one, becomes a dead letter at its next delivery"
        in shown.out
    )
    assert counts(queues[JOBS]) == {"visible": 1, "hidden": 0}


def test_dead_letters_by_task_and_exception(ops: Ops, dead: dict[str, str], alone: None) -> None:
    shown = ops("queue", "dlq", "worker", "--env", "prod")
    assert shown.code == 0, shown
    assert "shop-prod-jobs-dead: 5 dead letters" in shown.out
    rows = [line.split("  ") for line in shown.out.splitlines()[3:]]
    cells = [[cell.strip() for cell in row if cell.strip()][:3] for row in rows]
    assert cells == [
        ["2", CHARGE, "KeyError"],
        ["1", "(not a Celery message)", "unknown"],
        ["1", CHARGE, "unknown"],
        ["1", RECEIPT, "unknown"],
    ]
    assert counts(dead[DEAD]) == {"visible": 5, "hidden": 0}
    some = ops("queue", "dlq", "worker", "--limit", "2", "--env", "prod")
    assert "shop-prod-jobs-dead: 2 of 5 dead letters" in some.out


def test_dead_letters_are_shown_without_the_logs_too(
    ops: Ops, dead: dict[str, str], refused: list[str]
) -> None:
    refused.append("FilterLogEvents")
    shown = ops("queue", "dlq", "worker", "--env", "prod", "--output", "json")
    assert shown.code == 1
    assert "The logs of `worker` could not be read: AWS does not allow FilterLogEvents" in shown.err
    assert [each["count"] for each in shown.data["groups"]] == [3, 1, 1]
    assert {each["exception"] for each in shown.data["groups"]} == {"unknown"}


def test_redrive_sends_a_group_back_as_it_came(ops: Ops, dead: dict[str, str], alone: None) -> None:
    planned = ops("queue", "redrive", "worker", "--task", CHARGE, "--dry-run", "--env", "prod")
    assert planned.code == 0, planned
    assert f"would send 3 of {CHARGE} back to {JOBS}" in planned.out
    assert counts(dead[DEAD]) == {"visible": 5, "hidden": 0}
    refused = ops("queue", "redrive", "worker", "--task", CHARGE, "--env", "prod")
    assert refused.code == 1
    assert "Nothing was changed" in refused.err
    done = ops("queue", "redrive", "worker", "--task", CHARGE, "--yes", "--env", "prod")
    assert done.code == 0, done
    assert "3 messages sent back to shop-prod-jobs." in done.out
    assert "2 from other tasks or queues stay in shop-prod-jobs-dead." in done.out
    assert counts(dead[DEAD]) == {"visible": 2, "hidden": 0}
    back = bodies(dead[JOBS])
    assert len(back) == 3
    assert {each["MessageAttributes"]["origin"]["StringValue"] for each in back} == {"test"}
    assert celery_message_ids(back) == {"charge-0", "charge-1", "charge-2"}


def celery_message_ids(messages: list[dict[str, Any]]) -> set[str]:
    envelopes = [json.loads(base64.b64decode(each["Body"])) for each in messages]
    return {each["headers"]["id"] for each in envelopes}


def test_redrive_everything_as_json(ops: Ops, dead: dict[str, str]) -> None:
    done = ops("queue", "redrive", "worker", "--env", "prod", "--output", "json")
    assert done.code == 0, done
    assert (done.data["sent"], done.data["left"]) == (5, 0)
    assert counts(dead[JOBS]) == {"visible": 5, "hidden": 0}


def test_an_interrupted_redrive_says_how_far_it_came(
    ops: Ops, dead: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ops.commands.oncall.queue.time", SimpleNamespace(sleep=interrupt))
    done = ops("queue", "redrive", "worker", "--rate", "2", "--env", "prod")
    assert done.code == 130
    assert "2 messages sent back" in done.out
    assert counts(dead[DEAD]) == {"visible": 3, "hidden": 0}


def test_purge_wants_the_name(
    ops: Ops, dead: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """OPS_YES does not confirm a purge."""
    asked = ("queue", "purge", "worker", "--dead-letters", "--env", "prod")
    for options, complaint in (
        ((), f"Pass --yes-purge {DEAD}"),
        (("--yes-purge", JOBS), f"the queue is called {DEAD}, not {JOBS}"),
    ):
        refused = ops(*asked, *options)
        assert refused.code == 1
        assert complaint in refused.err
    monkeypatch.setattr(sys, "stdin", Terminal("shop\n"))
    assert "the queue is called" in ops(*asked).err
    assert counts(dead[DEAD])["visible"] == 5
    monkeypatch.setattr(sys, "stdin", Terminal(f"{DEAD}\n"))
    done = ops(*asked)
    assert done.code == 0, done
    assert counts(dead[DEAD])["visible"] == 0
    boto3.client("sqs").send_message(QueueUrl=dead[JOBS], MessageBody="work")
    assert ops("queue", "purge", "worker", "--yes-purge", JOBS, "--env", "prod").code == 0
    assert counts(dead[JOBS])["visible"] == 0


def test_a_queue_without_dead_letters_is_told_how_to_get_them(
    ops: Ops, queues: dict[str, str]
) -> None:
    shown = ops("queue", "dlq", "--queue", DEAD, "--env", "prod")
    assert shown.code == 1
    assert f"The queue `{DEAD}` has no dead-letter queue" in shown.err


def test_dead_letters_that_only_ops_yml_names_are_counted(
    ops: Ops, dead: dict[str, str], workspace: Path
) -> None:
    """Check an application that moves its failed messages itself, without a redrive policy."""
    boto3.client("sqs").set_queue_attributes(QueueUrl=dead[JOBS], Attributes={"RedrivePolicy": ""})
    declared = workspace / "copilot/worker/ops.yml"
    declared.write_text(f"queue: {{name: {JOBS}, dead_letters: {DEAD}}}\n")
    asked = ("queue", "show", "worker", "--env", "prod")
    told = "by ops.yml to shop-prod-jobs-dead (no redrive policy), which has 5"
    assert told in ops(*asked).out
    assert ops(*asked, "--output", "json").data["queues"][0]["dead"] == 5
    assert f"5 in {DEAD}" in ops("status", "worker", "--env", "prod").out
    assert "5 dead letters" in ops("queue", "dlq", "worker", "--env", "prod").out
