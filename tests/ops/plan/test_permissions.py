"""The AWS calls of `ops`: declared, enforced, and printed as an IAM policy."""

import json
from importlib import resources
from pathlib import Path

import botocore.session
import pytest

from ops.aws.access import SCALES_ECS, Access
from ops.aws.client import Aws
from ops.plan.permissions import GROUPS, accesses, policy
from tests.ops.conftest import Ops

OPS = Path(__file__).parents[3] / "ops"


def actions(group: str) -> set[str]:
    statements = json.loads(json.dumps(policy(group)))["Statement"]
    return {action for statement in statements for action in statement["Action"]}


@pytest.mark.parametrize("group", GROUPS)
def test_every_declared_operation_exists(group: str) -> None:
    session = botocore.session.get_session()
    for access in accesses(group):
        known = set(session.get_service_model(access.service).operation_names)
        assert not {*access.reads, *access.writes} - known, access


@pytest.mark.parametrize("group", GROUPS)
def test_every_action_is_one_that_iam_knows(group: str) -> None:
    """IAM accepts a policy with an unknown action, which then allows nothing."""
    text = (resources.files("cfnlint") / "data/AdditionalSpecs/Policies.json").read_text()
    known = {
        f"{prefix}:{action}"
        for prefix, service in json.loads(text).items()
        for action in service["Actions"]
    }
    assert not {action.lower() for action in actions(group)} - known


def test_who_scales_ecs_may_do_what_application_auto_scaling_does() -> None:
    checked = {"RegisterScalableTarget", "PutScalingPolicy", "PutScheduledAction"}
    scaling = {
        group
        for group, (_, writes) in GROUPS.items()
        if writes and any(checked & {*access.writes} for access in accesses(group))
    }
    assert scaling == {"sync", "schedules", "release"}
    for group in scaling:
        assert set(SCALES_ECS) <= actions(group)
        for access in accesses(group):
            if checked & {*access.writes}:
                assert set(SCALES_ECS) <= {*access.implied}, access


def test_no_client_is_made_elsewhere() -> None:
    makers = {
        path.relative_to(OPS).as_posix()
        for path in OPS.rglob("*.py")
        if not path.is_relative_to(OPS / "local")
        and ("create_client(" in path.read_text() or "boto3.client(" in path.read_text())
    }
    assert makers == {"aws/client.py"}


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


@pytest.mark.parametrize("group", GROUPS)
def test_no_policy_leads_into_a_role_unless_asked_and_then_into_other_accounts_alone(
    group: str,
) -> None:
    """Copilot's role deploys: a user who may assume it is no longer read-only."""
    assert "sts:AssumeRole" not in actions(group)
    plain, asked = policy(group)["Statement"], policy(group, cross_account=True)["Statement"]
    assert isinstance(plain, list)
    assert isinstance(asked, list)
    added = asked[len(plain) :]
    assert asked[: len(plain)] == plain
    assert bool(added) is (group in ("plan", "sync", "images", "release"))
    for statement in added:
        assert statement == {
            "Sid": "OtherAccounts",
            "Effect": "Allow",
            "Action": ["sts:AssumeRole"],
            "Resource": "arn:*:iam::*:role/*-EnvManagerRole",
            "Condition": {"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
        }


def test_the_policy_as_json(ops: Ops) -> None:
    printed = ops("iam-policy", "--for", "plan")
    assert printed.code == 0
    assert printed.data == json.loads(json.dumps(policy("plan")))
    assert "tag:GetResources" in actions("plan")
    into_others = ops("iam-policy", "--for", "plan", "--cross-account").data["Statement"]
    assert [each["Sid"] for each in into_others] == ["Read", "OtherAccounts"]
