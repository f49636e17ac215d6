"""Policies are as narrow as AWS's Service Authorization Reference allows."""

import json
import re
from fnmatch import fnmatchcase
from importlib import resources
from typing import Any

import pytest

from ops.aws.scopes import NAME, SCOPES
from ops.plan.permissions import GROUPS, policy
from tests.ops.conftest import Ops

REFERENCE: dict[str, Any] = json.loads(
    (resources.files("cfnlint") / "data/AdditionalSpecs/Policies.json").read_text()
)
# What AWS offers to narrow and ops does not, each for the reason that stands beside it.
WIDE = {"cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"}


def statements(group: str, application: str | None = None) -> list[dict[str, Any]]:
    document = json.loads(json.dumps(policy(group, application)))
    found: list[dict[str, Any]] = document["Statement"]
    return found


def arns(action: str) -> list[str]:
    """Return the ARNs that an action supports, as patterns with stars."""
    service, name = action.split(":")
    types = REFERENCE[service]["Actions"][name.lower()].get("Resources", [])
    known = REFERENCE[service]["Resources"]
    formats = [form for each in types for form in known[each.lower()]["ARNFormats"]]
    return [re.sub(r"\$\{\w+\}", "*", form).replace(".*", "*") for form in formats]


@pytest.mark.parametrize("action", SCOPES)
def test_a_scope_is_one_that_aws_supports(action: str) -> None:
    scope, supported = SCOPES[action], arns(action)
    if scope.resources == ("*",):
        assert not supported or action in WIDE
        assert scope.reason
    for arn in scope.resources if scope.resources != ("*",) else ():
        assert any(fnmatchcase(arn, pattern) for pattern in supported), (arn, supported)
        assert NAME in arn or scope.reason or scope.condition


@pytest.mark.parametrize("action", [name for name, each in SCOPES.items() if each.condition])
def test_a_condition_on_tags_is_one_that_the_resource_has(action: str) -> None:
    service, name = action.split(":")
    keys = [key for test in (SCOPES[action].condition or {}).values() for key in test]
    types = REFERENCE[service]["Actions"][name.lower()]["Resources"]
    tagged = [
        REFERENCE[service]["Resources"][each.lower()].get("ConditionKeys", []) for each in types
    ]
    for key in keys:
        assert key in {"iam:AWSServiceName", "iam:PassedToService"} or all(
            "aws:ResourceTag/${TagKey}" in each for each in tagged
        )


@pytest.mark.parametrize("group", GROUPS)
def test_only_what_cannot_be_narrowed_is_allowed_on_everything(group: str) -> None:
    wide = {
        action
        for each in statements(group)
        if each["Sid"].startswith("Write") and each["Resource"] == "*"
        for action in each["Action"]
    }
    assert wide <= WIDE | {"logs:PutQueryDefinition", "logs:DeleteQueryDefinition"}
    assert len({each["Sid"] for each in statements(group)}) == len(statements(group))


def test_the_service_linked_role_is_that_of_auto_scaling_alone() -> None:
    [found] = [
        each for each in statements("sync") if "iam:CreateServiceLinkedRole" in each["Action"]
    ]
    assert found["Action"] == ["iam:CreateServiceLinkedRole"]
    service = "ecs.application-autoscaling.amazonaws.com"
    assert found["Condition"] == {"StringEquals": {"iam:AWSServiceName": service}}
    assert service in found["Resource"]


def test_an_application_narrows_names(ops: Ops) -> None:
    run = ops("iam-policy", "--for", "sync", "--app", "shop")
    assert run.data["Statement"] == statements("sync", "shop")
    allowed = {
        action: each["Resource"] for each in statements("sync", "shop") for action in each["Action"]
    }
    assert allowed["sns:CreateTopic"] == "arn:*:sns:*:*:shop*"
    assert allowed["logs:PutMetricFilter"] == "arn:*:logs:*:*:log-group:/copilot/shop*"
    assert allowed["ecs:UpdateService"] == "arn:*:ecs:*:*:service/shop*/*"


def test_what_is_not_ours_is_not_deleted() -> None:
    ours = {"StringEquals": {"aws:ResourceTag/managed-by": "ops"}}
    tagged = {
        action
        for each in statements("sync")
        if each.get("Condition") == ours
        for action in each["Action"]
    }
    assert tagged == {
        "ecr:DeleteRepository", "events:DeleteRule", "events:RemoveTargets", "sns:DeleteTopic",
    }  # fmt: skip
