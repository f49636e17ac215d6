"""The topics that alarms notify, and the properties that an update does not change."""

from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest

from ops.kinds.alarms.live import _WRITABLE, live_alarms
from ops.kinds.scaling.reading import _WRITABLE as _WRITABLE_OF_SCALING
from tests.ops.conftest import Ops

HIGH_CPU = "shop-web-high-cpu"
BY_HAND = "arn:aws:sns:eu-central-1:123456789012:by-hand"
PAGE = "arn:aws:sns:eu-central-1:123456789012:shop-prod-page"
WARN = "arn:aws:sns:eu-central-1:123456789012:shop-prod-warn"
GIVEN = "arn:aws:sns:eu-central-1:123456789012:pager"


@pytest.fixture
def paging(ops: Ops, deployed: dict[str, str], workspace: Path) -> Path:
    """Sync a web service with a paging alarm, and add a topic to the alarm manually."""
    (workspace / "copilot/ops.yml").write_text("topics: {page: {}, warn: {}}\n")
    path = workspace / "copilot/web/ops.yml"
    path.write_text(
        path.read_text().replace("threshold: 80", "threshold: 80\n      severity: page")
    )
    assert ops("sync", "--env", "prod").code == 0
    found = alarm()
    assert found["AlarmActions"] == found["OKActions"] == [PAGE]
    put_again(found, AlarmActions=[BY_HAND, PAGE])
    assert ops("alarms", "plan", "--env", "prod", "--exit-code").code == 0
    return path


def test_a_plan_says_how_many_messages_the_first_sync_sends(
    ops: Ops, deployed: dict[str, str], workspace: Path
) -> None:
    """CloudWatch performs the OK action of a new alarm that is OK."""
    (workspace / "copilot/ops.yml").write_text("topics: {page: {}}\n")
    path = workspace / "copilot/web/ops.yml"
    text = path.read_text()
    path.write_text(text.replace("threshold: 80", "threshold: 80\n      severity: page"))
    warned = "1 new alarm will send one OK message each to shop-prod-page"
    assert warned in ops("alarms", "plan", "--env", "prod").err
    ops("sync", "--env", "prod")
    assert "OK message" not in ops("alarms", "plan", "--env", "prod").err


def alarm() -> dict[str, Any]:
    [found] = boto3.client("cloudwatch").describe_alarms(AlarmNames=[HIGH_CPU])["MetricAlarms"]
    return dict(found)


def put_again(found: dict[str, Any], **changes: object) -> None:
    """Call PutMetricAlarm with an answer of DescribeAlarms."""
    known = {key: found[key] for key in _WRITABLE if found.get(key) not in (None, [], "")}
    name: Any = {"AlarmName": HIGH_CPU}
    boto3.client("cloudwatch").put_metric_alarm(**{**known, **name, **changes})


@pytest.mark.parametrize(
    ("severity", "left"),
    [("severity: warn", [WARN]), ("severity: info", []), ("", [])],
)
def test_another_severity_is_drift_and_takes_our_old_topic_away(
    ops: Ops, paging: Path, severity: str, left: list[str]
) -> None:
    paging.write_text(paging.read_text().replace("severity: page", severity))
    planned = ops("alarms", "plan", "--env", "prod", "--exit-code")
    assert planned.code == 2
    assert f"AlarmActions\n        - {PAGE}\n" in planned.out
    assert ops("alarms", "sync", "--env", "prod").code == 0
    assert set(alarm()["AlarmActions"]) == {BY_HAND, *left}
    assert alarm()["OKActions"] == []  # only a page tells its end
    assert ops("alarms", "plan", "--env", "prod", "--exit-code").code == 0


def test_a_topic_that_is_no_longer_declared_leaves_its_alarms(
    ops: Ops, paging: Path, workspace: Path
) -> None:
    (workspace / "copilot/ops.yml").write_text("topics: {}\n")
    assert ops("sync", "--env", "prod", "--prune").code == 0
    assert alarm()["AlarmActions"] == [BY_HAND]
    assert alarm()["OKActions"] == []


def test_a_given_topic_takes_the_place_of_one_of_ours(
    ops: Ops, paging: Path, workspace: Path
) -> None:
    (workspace / "copilot/ops.yml").write_text(f"topics: {{page: {{arn: {GIVEN}}}}}\n")
    assert ops("alarms", "sync", "--env", "prod").code == 0
    assert set(alarm()["AlarmActions"]) == {BY_HAND, GIVEN}
    # A given one that goes cannot be told from one by hand: it stays.
    (workspace / "copilot/ops.yml").write_text("topics: {page: {}}\n")
    assert ops("alarms", "sync", "--env", "prod").code == 0
    assert set(alarm()["AlarmActions"]) == {BY_HAND, GIVEN, PAGE}


_OF_A_SINGLE_METRIC = {
    "Dimensions",
    "EvaluateLowSampleCountPercentile",
    "EvaluationCriteria",
    "EvaluationInterval",
    "ExtendedStatistic",
    "MetricName",
    "Namespace",
    "Period",
    "Statistic",
    "ThresholdMetricId",
    "Unit",
}


@pytest.mark.parametrize(
    ("kept", "put", "described", "excused"),
    [
        (_WRITABLE, "PutMetricAlarm", "MetricAlarm", {"AlarmName"}),
        (_WRITABLE, "PutCompositeAlarm", "CompositeAlarm", {"AlarmName"}),
        (_WRITABLE_OF_SCALING, "PutMetricAlarm", "MetricAlarm", _OF_A_SINGLE_METRIC),
    ],
)
def test_an_update_keeps_every_setting_that_aws_has(
    kept: tuple[str, ...], put: str, described: str, excused: set[str]
) -> None:
    model = botocore.session.get_session().get_service_model("cloudwatch")
    settable = set(model.operation_model(put).input_shape.members)  # type: ignore[union-attr]
    answered = set(model.shape_for(described).members)  # type: ignore[attr-defined]
    assert (settable & answered) - set(kept) == excused - set(kept)
    assert set(excused).isdisjoint(kept)


def test_a_setting_by_hand_is_among_what_is_written_back() -> None:
    warm_up = {"WarmUpPeriodDurationInMinutes": 5}
    [found] = live_alarms([{"AlarmName": "a", "StateValue": "OK", "WarmUpConfiguration": warm_up}])
    assert found.properties["WarmUpConfiguration"] == warm_up
