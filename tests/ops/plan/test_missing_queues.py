"""A plan warns about missing queues, with one call for any number of alarms."""

from collections import Counter
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ops.plan.survey import queues
from tests.ops.conftest import Ops

MANIFEST = "name: worker\ntype: Backend Service\ncount: {range: 2-20}\n"
FILE = """\
queue:
  name: jobs
  dead_letters: jobs-dead
alarms: {preset: queue-worker}
scaling:
  queue_depth: {target: 100}
  step:
    other: {queue: elsewhere, add: {1: 1}}
"""


@pytest.fixture
def declared(workspace: Path, deployed: dict[str, str]) -> None:
    (workspace / "copilot/worker/manifest.yml").write_text(MANIFEST)
    (workspace / "copilot/worker/ops.yml").write_text(FILE)


def make(*names: str) -> None:
    for name in names:
        boto3.client("sqs").create_queue(QueueName=name)


def warnings(ops: Ops, *command: str) -> list[str]:
    run = ops(*(command or ("plan",)), "--env", "prod", "--output", "json")
    told: Any = run.data["warnings"]
    return [each for each in told if "queue" in each]


@pytest.mark.usefixtures("declared")
def test_each_missing_queue_is_named_with_its_line_and_kinds(ops: Ops, calls: list[str]) -> None:
    make("jobs-and-others")
    jobs, dead, other = sorted(warnings(ops), key=lambda each: "elsewhere" in each)
    assert jobs.startswith("copilot/worker/ops.yml:2: there is no queue `jobs`, ")
    assert "so `worker` has alarms and scaling without data" in jobs
    assert dead.startswith("copilot/worker/ops.yml:3: there is no queue `jobs-dead`, ")
    assert "so `worker` has alarms without data" in dead
    assert other.startswith("copilot/worker/ops.yml:5: there is no queue `elsewhere`, ")
    assert Counter(calls)["ListQueues"] == 1


@pytest.mark.usefixtures("declared")
def test_queues_that_exist_are_no_news(ops: Ops) -> None:
    make("jobs", "jobs-dead", "elsewhere")
    assert warnings(ops) == []
    boto3.client("sqs").delete_queue(
        QueueUrl=boto3.client("sqs").get_queue_url(QueueName="jobs-dead")["QueueUrl"]
    )
    assert ["`jobs-dead`" in each for each in warnings(ops)] == [True]
    assert warnings(ops, "scaling", "plan") == [], "its resources are about other queues"


@pytest.mark.usefixtures("declared")
def test_a_plan_about_no_queue_does_not_ask(ops: Ops, calls: list[str], workspace: Path) -> None:
    (workspace / "copilot/worker/ops.yml").write_text("")
    assert warnings(ops) == []
    assert "ListQueues" not in calls


@pytest.mark.usefixtures("declared")
def test_who_may_not_list_queues_still_gets_a_plan(
    ops: Ops, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object) -> set[str]:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListQueues")

    monkeypatch.setattr(queues, "missing_queues", denied)
    assert warnings(ops) == [
        "Whether the queues exist is unknown: AWS does not allow ListQueues: no"
    ]
