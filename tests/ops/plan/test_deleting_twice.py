"""A deletion that finds a part missing still removes the rest."""

from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from ops.aws.client import has_no_stack, unless_gone
from tests.ops.conftest import Ops
from tests.ops.support.faults import FirstCalls

SCALING = """\
queue: {name: jobs}
scaling:
  step: {first: {by: unclaimed, add: {1: 1}}}
"""


@pytest.mark.parametrize(
    "code",
    ["ResourceNotFound", "ObjectNotFoundException", "NotFound", "RepositoryNotFoundException"],
)
def test_what_is_gone_is_removed(code: str) -> None:
    with unless_gone():
        raise ClientError({"Error": {"Code": code, "Message": ""}}, "Delete")


@pytest.mark.parametrize("code", ["AccessDenied", "ValidationException", "NotFoundYet"])
def test_any_other_refusal_is_told(code: str) -> None:
    with pytest.raises(ClientError), unless_gone():
        raise ClientError({"Error": {"Code": code, "Message": ""}}, "Delete")


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("ValidationError", "Stack with id shop-prod does not exist", True),
        ("ValidationError", "Resource Cluster does not exist for stack shop-prod", True),
        ("ValidationError", "1 validation error detected", False),
        ("AccessDenied", "Role x does not exist", False),
    ],
)
def test_what_cloudformation_says_of_no_stack(code: str, message: str, *, expected: bool) -> None:
    error = ClientError({"Error": {"Code": code, "Message": message}}, "ListStackResources")
    assert has_no_stack(error) is expected


@pytest.mark.parametrize("operation", ["DeleteAlarms", "ListTagsForResource"])
def test_a_policy_goes_although_its_alarm_has_gone(
    ops: Ops,
    deployed: dict[str, str],
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
) -> None:
    (workspace / "copilot/worker/ops.yml").write_text(SCALING)
    assert ops("scaling", "sync", "--env", "prod").code == 0
    client = boto3.client("application-autoscaling")
    assert client.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    first = FirstCalls(monkeypatch, **{operation: "ResourceNotFound"})
    deleted = ops("scaling", "delete", "--env", "prod")
    assert (deleted.code, first.answered) == (0, [operation]), deleted
    assert not client.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]


def test_an_alarm_that_becomes_a_composite_one_is_made_although_the_old_one_has_gone(
    ops: Ops, deployed: dict[str, str], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ops("alarms", "sync", "--env", "prod").code == 0
    declared = workspace / "copilot/web/ops.yml"
    before, after = declared.read_text().split("    unhealthy:")
    rule = "    unhealthy: {summary: Short of CPU., rule: ALARM(high-cpu)}\n"
    declared.write_text(before + rule + after[after.index("environments:") :])
    first = FirstCalls(monkeypatch, DeleteAlarms="ResourceNotFound")
    synced = ops("alarms", "sync", "--env", "prod")
    assert (synced.code, first.answered) == (0, ["DeleteAlarms"]), synced
    assert "✔ updated shop-web-unhealthy" in synced.out
