"""What `ops` may ask of AWS: declared, held to, and told as an IAM policy."""

import json
from pathlib import Path

import botocore.session
import pytest

from ops.access import Access
from ops.aws import Aws
from ops.kinds import KINDS
from ops.permissions import GROUPS, accesses, policy
from tests.ops.conftest import Ops

OPS = Path(__file__).parents[2] / "ops"


def actions(group: str) -> set[str]:
    statements = json.loads(json.dumps(policy(group)))["Statement"]
    return {action for statement in statements for action in statement["Action"]}


@pytest.mark.parametrize("group", GROUPS)
def test_every_declared_operation_exists(group: str) -> None:
    session = botocore.session.get_session()
    for access in accesses(group):
        known = set(session.get_service_model(access.service).operation_names)
        assert not {*access.reads, *access.writes} - known, access


def test_no_client_is_made_elsewhere() -> None:
    makers = {
        path.relative_to(OPS).as_posix()
        for path in OPS.rglob("*.py")
        if not path.is_relative_to(OPS / "local")
        and (".session.client(" in path.read_text() or "boto3.client(" in path.read_text())
    }
    assert makers == {"aws.py"}


def test_a_client_refuses_what_is_not_declared(aws: None) -> None:
    ours = Aws()
    queues = ours.client(Access("sqs", reads=("ListQueues",), writes=("CreateQueue",)))
    queues.list_queues()
    with ours.writing(), pytest.raises(RuntimeError, match="DeleteQueue is not among the calls"):
        queues.delete_queue(QueueUrl="https://sqs")
    with pytest.raises(RuntimeError, match="CreateQueue writes"):
        queues.create_queue(QueueName="jobs")
    with ours.writing():
        queues.create_queue(QueueName="jobs")
    with pytest.raises(RuntimeError, match="CreateQueue writes"):
        queues.create_queue(QueueName="jobs")


def test_a_plan_writes_nothing_and_a_sync_what_its_policy_says() -> None:
    writes = {f"{access.service}:{name}" for access in accesses("sync") for name in access.writes}
    assert "cloudwatch:PutMetricAlarm" in writes
    assert not writes & actions("plan")
    assert actions("plan") - {"cloudtrail:LookupEvents"} < actions("sync")  # `plan --who`


def test_every_call_is_in_the_policy(ops: Ops, deployed: dict[str, str], calls: list[str]) -> None:
    for kind in KINDS:
        for command in ("plan", "sync", "list", "delete"):
            ops(kind.name, command, "--env", "prod")
    ops("sync", "--env", "prod", "--prune")
    allowed = {action.split(":")[1] for action in actions("sync")}
    assert set(calls) >= {"PutMetricAlarm", "PutScalingPolicy", "CreateRepository", "DeleteAlarms"}
    assert not set(calls) - allowed


def test_the_policy_as_json(ops: Ops) -> None:
    printed = ops("iam-policy", "--for", "plan")
    assert printed.code == 0
    assert printed.data == json.loads(json.dumps(policy("plan")))
    assert "tag:GetResources" in actions("plan")
