"""A Worker Service's queue, created by Copilot, is found without a name in the files."""

import re
from pathlib import Path

import boto3
import pytest

from tests.ops.conftest import Ops
from tests.ops.support.copilot_stacks import deploy_worker_service

MANIFEST = "name: mailer\ntype: Worker Service\n"
OFF_HOURS = """
schedules:
  off_hours:
    timezone: UTC
    up: "07:00"
    down: "19:00"
    order: [mailer]
    production: true
environments: {prod: {schedules: {off_hours: {confirm: prod}}}}
"""
ANOTHER = "queue: {name: another}\n"


@pytest.fixture
def mailer(workspace: Path) -> Path:
    """Add a Worker Service that is not deployed, and return the path of its `ops.yml`."""
    directory = workspace / "copilot/mailer"
    directory.mkdir()
    (directory / "manifest.yml").write_text(MANIFEST)
    return directory / "ops.yml"


@pytest.fixture
def names(deployed: dict[str, str], mailer: Path) -> dict[str, str]:
    """Deploy the Worker Service, and return the names of its queues by logical ID."""
    ids = deploy_worker_service("shop", "prod", "mailer")
    return {key: id_.rsplit("/", 1)[-1] for key, id_ in ids.items() if key.endswith("Queue")}


def test_on_call_commands_show_it(ops: Ops, names: dict[str, str]) -> None:
    queue, dead = names["EventsQueue"], names["DeadLetterQueue"]
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=dead)["QueueUrl"], MessageBody="no")
    shown = ops("queue", "show", "mailer", "--env", "prod")
    assert shown.code == 0, shown
    assert shown.out.startswith(f"{queue}\n")
    assert f"after 3 deliveries to {dead}, which has 1" in shown.out
    assert ops("queue", "show", "--env", "prod").out == shown.out
    assert "1 dead letter" in ops("queue", "dlq", "--env", "prod").out
    assert f"{queue}: 0 visible, 0 in flight" in ops("status", "--env", "prod").out


def test_presets_and_policies_are_on_it(ops: Ops, names: dict[str, str], mailer: Path) -> None:
    mailer.write_text("alarms: {preset: queue-worker}\nscaling: {queue_depth: {target: 5}}\n")
    planned = ops("plan", "--env", "prod")
    assert names["EventsQueue"] in planned.out
    assert names["DeadLetterQueue"] in planned.out
    assert "names none" not in planned.err
    assert "and none is named" not in planned.err


def test_off_hours_wait_until_it_is_empty(
    ops: Ops, names: dict[str, str], mailer: Path, workspace: Path
) -> None:
    (workspace / "copilot/ops.yml").write_text(OFF_HOURS)
    manifest = mailer.with_name("manifest.yml")
    manifest.write_text(f"{MANIFEST}count: 1\n")
    refused = ops("schedules", "plan", "--env", "prod")
    assert refused.code == 1
    assert "`mailer` consumes a queue and has a fixed count" in refused.err
    assert "schedules.off_hours.at_latest" in refused.err
    manifest.write_text(f"{MANIFEST}count: {{range: 1-4}}\n")
    planned = ops("schedules", "plan", "--env", "prod")
    assert planned.code == 0, planned
    down = planned.out.partition("mailer/ops-off-hours-down")[2]
    bounds = re.findall(r"\.(M..)Capacity +(\d+)", down)[:2]
    assert bounds == [("Min", "0"), ("Max", "4")]
    assert "warning: `mailer` keeps its tasks all night: no policy in its ops.yml" in planned.err
    delay = "queue_delay: {acceptable_latency: 10m, msg_processing_time: 1s}"
    manifest.write_text(f"{MANIFEST}count: {{range: 1-4, {delay}}}\n")
    assert "all night" not in ops("schedules", "plan", "--env", "prod").err


def test_what_ops_yml_names_counts_more_and_costs_no_call(
    ops: Ops, names: dict[str, str], mailer: Path, calls: list[str]
) -> None:
    mailer.write_text(ANOTHER)
    assert "no queue `another`" in ops("queue", "show", "mailer", "--env", "prod").err
    assert "ListStackResources" not in calls


def test_one_that_is_not_deployed_is_told_and_hides_no_other(
    ops: Ops, deployed: dict[str, str], mailer: Path, workspace: Path
) -> None:
    shown = ops("queue", "dlq", "--env", "prod")
    assert "The service `mailer` is not deployed to `prod` yet" in shown.err
    (workspace / "copilot/worker/ops.yml").write_text(ANOTHER)
    assert "no queue `another`" in ops("queue", "dlq", "--env", "prod").err
