"""The adapter of Application Auto Scaling: batches, pages, and typed values."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import OperationModel

from ops.aws.access import SCALES_ECS
from ops.aws.autoscaling.remote import AutoScaling, scaling_access
from ops.aws.autoscaling.values import ScalingPolicy, ScheduledAction
from ops.aws.client import MANY, Aws
from tests.ops.support.sessions import on_sessions_of_ops

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PAGE = 2  # entries
ACCESS = scaling_access(
    reads=("DescribeScalableTargets", "DescribeScheduledActions", "DescribeScalingActivities"),
    writes=("RegisterScalableTarget",),
)


def ids(count: int) -> list[str]:
    return [f"service/shop-prod/{number}" for number in range(count)]


class Account:
    """An account whose targets have three scheduled actions and activities each."""

    def __init__(self, targets: int) -> None:
        self.targets = ids(targets)
        self.requests: list[dict[str, Any]] = []

    def answer(self, model: OperationModel, params: dict[str, Any], **_: object) -> object:
        request = json.loads(params["body"])
        self.requests.append(request)
        pages = {
            "DescribeScalableTargets": self._described,
            "DescribeScheduledActions": self._actions,
            "DescribeScalingActivities": self._activities,
        }
        body = pages[model.name](request) if model.name in pages else {}
        response = AWSResponse(params["url"], 200, HTTPHeaders(), None)
        return response, {**body, "ResponseMetadata": {"HTTPStatusCode": 200}}

    def _described(self, request: dict[str, Any]) -> dict[str, Any]:
        return {
            "ScalableTargets": [
                {
                    "ResourceId": resource_id,
                    "ScalableTargetARN": f"arn:{resource_id}",
                    "MinCapacity": 1,
                    "MaxCapacity": 4,
                    "SuspendedState": {"ScheduledScalingSuspended": True},
                }
                for resource_id in request["ResourceIds"]
                if resource_id in self.targets
            ]
        }

    def _actions(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._page(
            request,
            "ScheduledActions",
            {"Schedule": "cron(0 19 * * ? *)", "ScalableTargetAction": {"MinCapacity": 0}},
        )

    def _activities(self, request: dict[str, Any]) -> dict[str, Any]:
        activity = {"StartTime": NOW, "StatusCode": "Failed", "Description": "", "Cause": ""}
        return self._page(request, "ScalingActivities", activity)

    def _page(self, request: dict[str, Any], key: str, entry: dict[str, Any]) -> dict[str, Any]:
        targets = [request["ResourceId"]] if "ResourceId" in request else self.targets
        entries = [
            {**entry, "ResourceId": target, "ScheduledActionName": f"action-{number}"}
            for target in targets
            for number in range(3)
        ]
        start = int(request.get("NextToken", 0))
        more = {"NextToken": str(start + PAGE)} if start + PAGE < len(entries) else {}
        return {key: entries[start : start + PAGE], **more}


def scaling_of(account: Account, monkeypatch: pytest.MonkeyPatch) -> AutoScaling:
    on_sessions_of_ops(monkeypatch, "before-call", account.answer)
    aws = Aws(region="eu-central-1")
    return AutoScaling(aws, ACCESS)


def test_targets_are_read_in_batches_of_50(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(targets=119)
    targets = scaling_of(account, monkeypatch).targets(ids(120))
    assert sorted(len(each["ResourceIds"]) for each in account.requests) == [20, 50, 50]
    assert targets.keys() == set(ids(119))
    assert targets[ids(1)[0]].suspended == ("scheduled scaling",)
    assert (targets[ids(1)[0]].least, targets[ids(1)[0]].most) == (1, 4)


def test_actions_of_few_targets_take_all_pages_of_each(
    aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account(targets=MANY)
    actions = scaling_of(account, monkeypatch).actions(ids(MANY - 1))
    read = Counter(each["ResourceId"] for each in account.requests)
    assert read == dict.fromkeys(ids(MANY - 1), 2)
    assert Counter(each.resource_id for each in actions) == dict.fromkeys(ids(MANY - 1), 3)


def test_actions_of_many_targets_take_the_pages_of_the_account(
    aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account(targets=MANY + 1)
    actions = scaling_of(account, monkeypatch).actions(ids(MANY))
    assert not any("ResourceId" in each for each in account.requests)
    assert len(account.requests) == -(-3 * (MANY + 1) // PAGE)
    assert Counter(each.resource_id for each in actions) == dict.fromkeys(ids(MANY), 3)


def test_activities_stop_at_the_newest(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(targets=2)
    activities = scaling_of(account, monkeypatch).activities(ids(2), 1, not_scaled=True)
    assert [each.resource_id for each in activities] == ids(2)
    assert len(account.requests) == 2
    assert all(each["IncludeNotScaledActivities"] for each in account.requests)


def test_nothing_is_asked_about_no_target(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(targets=1)
    scaling = scaling_of(account, monkeypatch)
    assert (scaling.targets([]), scaling.actions([])) == ({}, [])
    assert account.requests == []


def test_to_register_without_a_maximum_keeps_the_maximum(
    aws: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account(targets=1)
    on_sessions_of_ops(monkeypatch, "before-call", account.answer)
    session = Aws(region="eu-central-1")
    with session.writing():
        AutoScaling(session, ACCESS).register(ids(1)[0], least=0)
    assert account.requests == [
        {
            "ServiceNamespace": "ecs",
            "ResourceId": ids(1)[0],
            "ScalableDimension": "ecs:service:DesiredCount",
            "MinCapacity": 0,
        }
    ]


def test_an_access_implies_what_aws_does_for_its_writes() -> None:
    put = scaling_access(reads=(), writes=("PutScheduledAction",))
    assert put.implied == SCALES_ECS
    register = scaling_access(reads=(), writes=("RegisterScalableTarget",), tags=True)
    added = {"application-autoscaling:TagResource", "iam:CreateServiceLinkedRole"}
    assert {*register.implied} == {*added, *SCALES_ECS}
    assert scaling_access(reads=("DescribeScalableTargets",)).implied == ()


def test_an_action_has_the_parameters_that_make_it() -> None:
    berlin = timezone(timedelta(hours=1))
    answer: dict[str, Any] = {
        "ResourceId": ids(1)[0],
        "ScheduledActionName": "night",
        "Schedule": "rate(1 hour)",
        "ScalableTargetAction": {"MinCapacity": 0},
        "StartTime": datetime(2026, 11, 24, 1, 30, tzinfo=berlin),
    }
    action = ScheduledAction.from_answer(answer)
    assert action.properties == {
        "Schedule": "rate(1 hour)",
        "Timezone": "UTC",
        "ScalableTargetAction": {"MinCapacity": 0},
        "StartTime": "2026-11-24T00:30:00Z",
        "EndTime": None,
    }


@pytest.mark.parametrize(
    ("adjustments", "kind", "scales_out", "scales_in"),
    [
        ([1, 2], "ChangeInCapacity", True, False),
        ([-1], "PercentChangeInCapacity", False, True),
        ([-1, 1], "ChangeInCapacity", True, True),
        ([3], "ExactCapacity", True, True),
        ([0], "ChangeInCapacity", False, False),
    ],
)
def test_a_step_policy_adds_or_removes_as_its_steps_say(
    adjustments: list[int], kind: str, scales_out: bool, scales_in: bool
) -> None:
    steps = {
        "AdjustmentType": kind,
        "Cooldown": 90,
        "StepAdjustments": [{"ScalingAdjustment": each} for each in adjustments],
    }
    policy = ScalingPolicy("step", "StepScaling", steps=steps, resource_id=ids(1)[0])
    assert (policy.scales_out, policy.scales_in) == (scales_out, scales_in)
    assert (policy.out_cooldown, policy.in_cooldown, policy.tracks) == (90, 90, False)


def test_a_tracking_policy_has_the_cooldowns_of_its_own_or_of_aws() -> None:
    policy = ScalingPolicy(
        "track",
        "TargetTrackingScaling",
        tracking={"ScaleOutCooldown": 0, "DisableScaleIn": True},
        resource_id=ids(1)[0],
    )
    assert (policy.out_cooldown, policy.in_cooldown, policy.tracks) == (0, 300, True)
    assert (policy.scales_out, policy.scales_in) == (True, False)
