"""Changes that AWS refuses because the same thing is being changed."""

from pathlib import Path

import pytest

from ops.aws.retries import retrying
from tests.ops.conftest import Ops
from tests.ops.support import every_kind
from tests.ops.support.faults import FirstSends, Overlaps

THROTTLED = (
    "Unable to retrieve alarms for scaling policy ops-load-out due to reason: Rate exceeded "
    "(Service: AmazonCloudWatch; Status Code: 400; Error Code: Throttling)"
)
REFUSALS = {
    "PutMetricFilter": (
        "OperationAbortedException",
        "A conflicting operation is currently in progress against this resource.",
    ),
    "PutScalingPolicy": (
        "ConcurrentUpdateException",
        "You already have a pending update to an Auto Scaling resource.",
    ),
    "DescribeScalingPolicies": ("FailedResourceAccessException", THROTTLED),
    "PutRule": ("ConcurrentModificationException", "Rule is being modified."),
    "PutDashboard": ("ConflictException", "Injected."),
    "PutMetricAlarm": (
        "ValidationError",
        "A separate request to update this alarm is in progress.",
    ),
    "CreateTopic": ("ConcurrentAccess", "Injected."),
}


@pytest.fixture
def declared(aws: None, workspace: Path) -> None:
    every_kind.declare(workspace, alarms=2)
    every_kind.deploy()


def test_a_change_that_meets_another_is_tried_again(
    ops: Ops, declared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = FirstSends(monkeypatch, REFUSALS)
    synced = ops("sync", "--env", "staging")
    assert synced.code == 0, synced
    assert not first.left


def test_a_change_that_meets_others_for_long_says_so(
    ops: Ops, declared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    FirstSends(monkeypatch, {"PutDashboard": REFUSALS["PutDashboard"]})
    synced = ops("sync", "--env", "staging")
    assert synced.code == 1
    assert "AWS refused PutDashboard in all retries, because another change" in synced.out


@pytest.mark.parametrize(
    ("operations", "code", "calls"),
    [
        (
            ("PutMetricFilter", "DeleteMetricFilter"),
            "OperationAbortedException",
            [4, 4],  # two log groups
        ),
        (
            ("PutScalingPolicy", "PutScheduledAction", "DeleteScalingPolicy"),
            "ConcurrentUpdateException",
            [3, 9],  # two scalable targets
        ),
    ],
)
def test_changes_to_one_parent_go_one_after_the_other(
    ops: Ops,
    declared: None,
    monkeypatch: pytest.MonkeyPatch,
    operations: tuple[str, ...],
    code: str,
    calls: list[int],
) -> None:
    overlaps = Overlaps(monkeypatch, *operations, code=code)
    synced = ops("sync", "--env", "staging")
    assert synced.code == 0, synced
    for kind in ("log-metrics", "scaling"):
        assert ops(kind, "delete", "--env", "staging").code == 0
    assert sorted(overlaps.calls.values()) == calls


@pytest.mark.parametrize(
    ("code", "message", "tries", "again"),
    [
        ("ConcurrentUpdateException", "Injected.", 7, True),
        ("ConcurrentUpdateException", "Injected.", 8, False),
        ("FailedResourceAccessException", THROTTLED, 1, True),
        ("FailedResourceAccessException", "No permission to call DescribeAlarms.", 1, False),
        ("ValidationError", "The period must be a multiple of 60.", 1, False),
        ("AccessDeniedException", "Rate exceeded", 1, False),
    ],
)
def test_only_what_may_pass_is_tried_again_and_not_for_ever(
    code: str, message: str, tries: int, again: bool
) -> None:
    answer = (None, {"Error": {"Code": code, "Message": message}})
    waits = retrying(8)(response=answer, attempts=tries)
    assert (waits is not None) is again


def test_what_got_an_answer_or_none_is_left_to_botocore() -> None:
    assert retrying(8)(response=(None, {}), attempts=1) is None
    assert retrying(8)(response=None, attempts=1) is None
