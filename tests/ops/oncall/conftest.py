"""The workspace `shop` with queues and data."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.model import OperationModel

from ops.aws.client import Aws
from ops.copilot.deployed import Deployed
from ops.copilot.services import read_requested
from tests.ops.support.sessions import on_sessions_of_ops

JOBS, DEAD = "shop-prod-jobs", "shop-prod-jobs-dead"
MAX_RECEIVES = 3


@pytest.fixture
def queues(
    deployed: dict[str, str], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Create the worker's queue and its dead-letter queue; return their URLs by name."""
    monkeypatch.setattr("ops.oncall.queue.remote._WAIT", 0)  # moto asks all its servers at once
    declared = workspace / "copilot/worker/ops.yml"
    declared.write_text(f"queue:\n  name: {JOBS}\n{declared.read_text()}")
    sqs = boto3.client("sqs")
    dead = sqs.create_queue(QueueName=DEAD)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
    redrive = {"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": MAX_RECEIVES}
    jobs = sqs.create_queue(
        QueueName=JOBS,
        Attributes={"RedrivePolicy": json.dumps(redrive), "VisibilityTimeout": "60"},
    )["QueueUrl"]
    return {JOBS: jobs, DEAD: dead}


def counts(url: str) -> dict[str, int]:
    """Return the number of visible messages in a queue, and of those in flight."""
    names: list[Any] = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
    visible, hidden = (int(found["Attributes"][name]) for name in names)
    return {"visible": visible, "hidden": hidden}


@pytest.fixture
def parameters(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Return the calls that `ops` makes: operations with their parameters."""
    sent: list[tuple[str, dict[str, Any]]] = []

    def record(params: dict[str, Any], model: OperationModel, **_: object) -> None:
        sent.append((model.name, dict(params)))

    on_sessions_of_ops(monkeypatch, "before-parameter-build", record)
    return sent


@pytest.fixture
def aws_of_ops(deployed: dict[str, str]) -> Deployed:
    """Return the deployed services in the form that the on-call commands use."""
    return read_requested(None, None, "prod").deployed(Aws())
