"""The recommended alarms: the alarms of each preset, and the allowed changes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ops.base.errors import OpsError
from ops.copilot.workload import Queue, TaskRange, Workload
from ops.kinds.alarms.alarm import CompositeAlarm
from ops.kinds.alarms.desired import desired
from ops.kinds.alarms.presets import PRESETS
from ops.kinds.alarms.rule import Rule
from ops.kinds.alarms.settings import Settings
from ops.kinds.topics.settings import Settings as Topics
from ops.reference.alarms import reference
from tests.ops.kinds.alarms.preset_alarms import (
    HEARTBEAT,
    STACK,
    TARGETS,
    place,
    properties,
    resources,
    settings,
)

if TYPE_CHECKING:
    from ops.plan.model import Resource

RUNBOOKS = Path(__file__).parents[4] / "docs" / "runbooks"


@pytest.mark.parametrize("preset", PRESETS)
def test_every_alarm_of_a_preset_is_complete_and_has_its_runbook(preset: str) -> None:
    for name, resource in resources(preset).items():
        assert (RUNBOOKS / f"{name}.md").is_file(), f"docs/runbooks/{name}.md is missing"
        if "AlarmRule" not in resource.properties:
            assert resource.properties["TreatMissingData"] in ("breaching", "notBreaching")


def test_a_page_goes_to_its_topic_and_a_severity_without_one_to_nobody() -> None:
    page = properties("load-balanced", "server-errors")
    assert page["AlarmActions"] == page["OKActions"]
    assert [arn for arn, is_set in page["AlarmActions"].items() if is_set] == [TARGETS["page"]]
    assert not any(properties("load-balanced", "high-latency")["AlarmActions"].values())


def test_only_a_page_tells_its_end() -> None:
    """CloudWatch performs the OK action of each new alarm that is OK."""
    warn = "arn:aws:sns:eu-central-1:123456789012:shop-prod-warn"
    topics = Topics.model_validate({"page": {}, "warn": {}})
    both = replace(place(), shared={"topics": topics})
    made = [each.properties for each in resources("queue-worker", where=both).values()]
    assert any(each["AlarmActions"][warn] for each in made)
    assert not any(each["OKActions"][warn] for each in made)
    page = TARGETS["page"]
    assert [each["OKActions"][page] for each in made] == [
        each["AlarmActions"][page] for each in made
    ]


def test_one_field_of_an_alarm_can_be_changed() -> None:
    changed = properties("load-balanced", "high-latency", {"high-latency": {"threshold": 0.5}})
    assert changed["Threshold"] == 0.5
    assert changed["ComparisonOperator"] == "GreaterThanThreshold"


def test_latency_is_judged_from_a_hundred_requests_a_minute_on() -> None:
    metrics = properties("load-balanced", "high-latency")["Metrics"]
    stats = {
        name: each["MetricStat"]
        and (each["MetricStat"]["Metric"]["MetricName"], each["MetricStat"]["Stat"])
        for name, each in metrics.items()
    }
    assert stats["latency"] == ("TargetResponseTime", "p99")
    assert stats["requests"] == ("RequestCount", "Sum")
    assert [each["Expression"] for each in metrics.values() if not each["MetricStat"]] == [
        "IF(requests >= 100, latency, 0)"
    ]


@pytest.mark.parametrize("off", [False, "off"])
def test_an_alarm_can_be_switched_off(off: object) -> None:
    assert "high-latency" in resources("load-balanced")
    assert "high-latency" not in resources("load-balanced", {"high-latency": off})


def test_a_whole_alarm_stands_for_itself_under_a_name_of_the_preset() -> None:
    own = {
        "summary": "Mine.",
        "namespace": "AWS/ECS",
        "metric": "CPUUtilization",
        "threshold": 80,
        "missing_data": "ignore",
    }
    changed = properties("load-balanced", "high-cpu", {"high-cpu": own})
    assert changed["EvaluationPeriods"] == 1
    assert changed["TreatMissingData"] == "ignore"


def test_the_part_of_a_composite_alarm_cannot_be_switched_off_alone() -> None:
    with pytest.raises(ValidationError, match="refers to `at-max`, which is not among the alarms"):
        settings("queue-worker", {"at-max": "off"})
    assert "at-max" not in resources("queue-worker", {"at-max": "off", "backlog-at-max": "off"})


def test_what_silences_another_alarm_can_be_switched_off_alone() -> None:
    rule = properties("queue-worker", "backlog-unserved")["AlarmRule"]
    assert rule.endswith('NOT ALARM("shop-prod-web-backlog-at-max")')
    left = properties("queue-worker", "backlog-unserved", {"backlog-at-max": "off"})
    assert left["AlarmRule"] == 'ALARM("shop-prod-web-backlog-old")'


def test_a_suppressor_that_is_switched_off_suppresses_nothing() -> None:
    assert properties("queue-worker", "backlog-at-max")["ActionsSuppressor"] == (
        "shop-prod-web-wedged"
    )
    left = properties("queue-worker", "backlog-at-max", {"wedged": "off"})
    assert left["ActionsSuppressor"] is left["ActionsSuppressorWaitPeriod"] is None


def test_a_preset_asks_for_what_only_the_application_knows() -> None:
    with pytest.raises(ValidationError, match="leaves the metric to you: give `namespace`"):
        Settings.model_validate({"preset": "scheduler"})
    heartbeat = properties("scheduler", "heartbeat-missing")
    assert (heartbeat["Namespace"], heartbeat["MetricName"]) == ("Mine", "Ticks")
    assert heartbeat["TreatMissingData"] == "breaching"
    assert "heartbeat-missing" not in resources("scheduler", {"heartbeat-missing": "off"})


def test_queue_alarms_are_about_the_queues_of_the_service() -> None:
    assert properties("queue-worker", "backlog-age")["Dimensions"] == [
        {"Name": "QueueName", "Value": "jobs"}
    ]
    assert properties("queue-worker", "dead-letters")["Dimensions"] == [
        {"Name": "QueueName", "Value": "jobs-dead"}
    ]


@pytest.mark.parametrize(
    ("queue", "message"),
    [
        (None, r"`backlog-age` is about the queue of `web`.*Add `queue: \{name: …\}` there"),
        (Queue(name="jobs"), "`dead-letters` is about the dead-letter queue.*dead_letters: …"),
    ],
)
def test_a_queue_that_is_not_named_is_asked_for(queue: Queue | None, message: str) -> None:
    with pytest.raises(OpsError) as failed:
        resources("queue-worker", where=place(Workload(tasks=TaskRange(1, 2), queue=queue)))
    assert re.search(message, str(failed.value))


def test_the_load_balancers_own_errors_are_not_those_of_one_target_group() -> None:
    errors = properties("load-balanced", "balancer-errors")
    assert errors["Dimensions"] == [{"Name": "LoadBalancer", "Value": "app/public/2"}]
    # All services of the environment have the same load balancer: one outage is no page of each.
    assert TARGETS["page"] not in [arn for arn, has in errors["AlarmActions"].items() if has]


def test_tasks_are_counted_without_container_insights() -> None:
    least, most = properties("service", "few-tasks"), properties("queue-worker", "at-max")
    assert least["Namespace"] == most["Namespace"] == "AWS/ECS"
    assert least["Statistic"] == most["Statistic"] == "SampleCount"
    assert least["Period"] == most["Period"] == 60  # the sample count of one minute
    assert (least["ComparisonOperator"], least["Threshold"]) == ("LessThanThreshold", 2)
    assert most["Threshold"] == 20
    assert least["TreatMissingData"] == "breaching"  # no task gives no sample


@pytest.mark.parametrize(
    ("preset", "alarm", "threshold"),
    [("service", "few-tasks", 6), ("queue-worker", "at-max", 60), ("scheduler", "duplicate", 3)],
)
def test_a_task_that_reports_every_20_seconds_has_three_samples_a_minute(
    preset: str, alarm: str, threshold: float
) -> None:
    where = place(stack=replace(STACK, metric_resolution=20))
    alarms = resources(preset, where=where)
    assert alarms[alarm].properties["Threshold"] == threshold
    assert alarms["high-cpu"].properties["Threshold"] == 90  # a share, whatever the samples


@pytest.mark.parametrize(
    ("tasks", "why"), [(None, "does not say how many"), (TaskRange(0, 4), "lets it have none")]
)
def test_a_count_of_tasks_that_is_not_known_is_asked_for(tasks: TaskRange | None, why: str) -> None:
    with pytest.raises(OpsError, match=why) as failed:
        resources("service", where=place(Workload(tasks=tasks)))
    assert "few-tasks: {threshold: 1}" in failed.value.next_step
    given_one = {"few-tasks": {"threshold": 1}}
    assert resources("service", given_one, place(Workload(tasks=tasks)))


def test_a_rate_counts_from_a_least_number_of_requests() -> None:
    metrics = properties("load-balanced", "server-errors")["Metrics"]
    assert metrics["result"]["Expression"] == "IF(requests >= 20, 100 * errors / requests, 0)"
    assert [name for name, query in metrics.items() if query["ReturnData"]] == ["result"]
    errors = metrics["errors"]["MetricStat"]
    assert errors["Metric"]["MetricName"] == "HTTPCode_Target_5XX_Count"
    assert (errors["Stat"], errors["Period"]) == ("Sum", 60)


@pytest.mark.parametrize("preset", PRESETS)
def test_composite_alarms_come_after_their_parts(preset: str) -> None:
    made: dict[str, Resource] = resources(preset)
    for name, alarm in settings(preset).define.items():
        if isinstance(alarm, CompositeAlarm):
            for reference in alarm.references:
                assert made[reference.written].stage < made[name].stage
                assert f"shop-prod-web-{reference.written}" in (
                    *(str(made[name].properties["AlarmRule"]).split('"')),
                    made[name].properties["ActionsSuppressor"],
                )


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=500)
changes = st.fixed_dictionaries(
    {},
    optional={
        "summary": texts,
        "runbook": st.text(min_size=1, max_size=200),
        "threshold": st.integers(-(10**9), 10**9) | st.sampled_from(["max-tasks", "min-tasks"]),
        "period": st.sampled_from(["10s", "45s", "60s", "2m", "1h", "1d"])
        | st.integers(1, 12_000).map(lambda minutes: f"{minutes}m"),
        "evaluation_periods": st.integers(1, 2000),
        "datapoints": st.integers(1, 2000),
        "missing_data": st.sampled_from(["breaching", "not-breaching", "ignore", "missing"]),
        "severity": st.sampled_from(["page", "warn", "info"]),
    },
)


@given(
    preset=st.sampled_from(sorted(PRESETS)),
    data=st.data(),
    prefix=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=260),
)
def test_whatever_is_declared_is_an_alarm_that_cloudwatch_takes_or_an_error(
    preset: str, data: st.DataObject, prefix: str
) -> None:
    name = data.draw(st.sampled_from(sorted(PRESETS[preset])))
    change = data.draw(changes)
    written: dict[str, Any] = {"heartbeat-missing": HEARTBEAT} if preset == "scheduler" else {}
    written[name] = {**written.get(name, {}), **change}
    runbooks = data.draw(st.none() | st.text(min_size=1, max_size=200))
    try:
        declared = Settings.model_validate(
            {"preset": preset, "prefix": prefix, "runbooks": runbooks, "define": written}
        )
        made = desired(declared, place())
    except (ValidationError, OpsError):
        return
    for alarm in made:
        _check(alarm)


def _check(alarm: Resource) -> None:
    """Check the properties against the limits of PutMetricAlarm.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    has: Any = alarm.properties
    assert 1 <= len(alarm.name) <= 255
    assert len(has["AlarmDescription"]) <= 1024
    if "AlarmRule" in has:
        assert Rule.parse(has["AlarmRule"])
        return
    assert has["TreatMissingData"] in ("breaching", "notBreaching", "ignore", "missing")
    periods = {has["Period"]} if has["Metrics"] is None else _periods(has["Metrics"])
    [period] = periods
    assert period in (10, 20, 30) or period % 60 == 0
    assert period * has["EvaluationPeriods"] <= (86_400 if period < 3600 else 604_800)
    assert 1 <= has.get("DatapointsToAlarm", 1) <= has["EvaluationPeriods"]
    assert isinstance(has["Threshold"], float)


def _periods(metrics: Any) -> set[int]:  # noqa: ANN401
    return {each["MetricStat"]["Period"] for each in metrics.values() if each["MetricStat"]}


def test_the_reference_of_presets_is_up_to_date() -> None:
    page = Path(__file__).parents[4] / "docs" / "reference" / "alarms.md"
    assert page.read_text() == reference(), "run `make docs`"
