"""Alarms that CloudWatch would refuse are refused in the file, at their line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ops.base.errors import DeclarationError
from ops.copilot.place import ServicePlace, ServiceStack
from ops.copilot.workspace import WorkspaceError, load_workspace
from ops.kinds.alarms.desired import desired, warnings
from ops.kinds.alarms.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ops.conftest import Ops

PLACE = ServicePlace("shop", "prod", "web", ServiceStack("shop-prod-web", "shop-prod", "shop-web"))
ONE: dict[str, str] = {
    "summary": "It is slow.",
    "namespace": "Shop",
    "metric": "Orders",
    "dimensions": "{}",
    "threshold": "1",
    "missing_data": "ignore",
}


def written(path: Path, **changes: str) -> None:
    """Write an `ops.yml` with one alarm, one field on each line from the fourth on."""
    fields = "".join(f"      {key}: {value}\n" for key, value in {**ONE, **changes}.items())
    path.write_text(f"alarms:\n  define:\n    slow:\n{fields}")


def problem(workspace: Path, **changes: str) -> str:
    path = workspace / "copilot/web/ops.yml"
    written(path, **changes)
    with pytest.raises(WorkspaceError) as caught:
        load_workspace(workspace).service_settings("web", "prod")
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "line", "complaint"),
    [
        ({"threshold": ".inf"}, 8, "must be a number, `max-tasks` or `min-tasks`, not `.inf`"),
        ({"threshold": ".nan"}, 8, "must be a number"),
        ({"namespace": "':Shop'"}, 5, "must match `^[^:]`"),
        ({"namespace": "s" * 256}, 5, "at most 255 characters"),
        ({"metric": "m" * 256}, 6, "at most 255 characters"),
        ({"statistic": "p101"}, 10, "must be a statistic of CloudWatch, such as Average"),
        ({"statistic": "TM99"}, 10, "must be a statistic of CloudWatch"),
        ({"dimensions": "{Größe: v}"}, 7, "must have ASCII characters only"),
        ({"dimensions": f"{{d: {'v' * 1025}}}"}, 7, "at most 1024 characters"),
        ({"dimensions": f"{{{', '.join(f'd{n}: v' for n in range(31))}}}"}, 7, "at most 30"),
    ],
)
def test_a_metric_that_cloudwatch_does_not_know_is_refused(
    workspace: Path, changes: dict[str, str], line: int, complaint: str
) -> None:
    told = problem(workspace, **changes)
    assert told.startswith(f"copilot/web/ops.yml:{line}: ")
    assert complaint in told


METRIC = "{namespace: Shop, metric: A, dimensions: {}}"
METRICS = f"{{m1: {METRIC}, m2: {METRIC}}}"


def math(expression: str) -> str:
    return (
        "alarms:\n  define:\n    slow:\n      summary: It is slow.\n"
        f"      metrics: {METRICS}\n      expression: {expression}\n"
        "      threshold: 1\n      missing_data: ignore\n"
    )


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ('"(m1 / m2"', "at character 1: `(` is never closed"),
        ('"[m1, m2]"', "the expression returns 2 time series"),
        ('"METRICS()"', "the expression returns 2 time series"),
        ('"AVG(m1)"', "the expression returns a number"),
        ("5", "the expression returns a number"),
        ('""', "should have at least 1 character"),
        ('"MEDIAN([m1, m2])"', "there is no function `MEDIAN`"),
        ('"m1 / m3"', "there is no metric `m3`; there are `m1`, `m2`"),
        ("\"SUM(SEARCH('{AWS/SQS}', 'Sum', 60))\"", "SEARCH is not supported on Metric Alarms"),
        ('"ANOMALY_DETECTION_BAND(m1)"', "ANOMALY_DETECTION_BAND is not supported"),
    ],
)
def test_an_expression_that_is_no_single_series_is_refused_at_its_line(
    workspace: Path, expression: str, complaint: str
) -> None:
    (workspace / "copilot/web/ops.yml").write_text(math(expression))
    with pytest.raises(WorkspaceError) as caught:
        load_workspace(workspace).service_settings("web", "prod")
    assert str(caught.value).startswith("copilot/web/ops.yml:6: ")
    assert complaint in str(caught.value)


def test_eleven_metrics_are_refused(workspace: Path) -> None:
    eleven = f"{{{', '.join(f'm{n}: {METRIC}' for n in range(11))}}}"
    (workspace / "copilot/web/ops.yml").write_text(math("m1").replace(METRICS, eleven))
    with pytest.raises(WorkspaceError, match=r"ops.yml:5: .*metrics: takes at most 10"):
        load_workspace(workspace).service_settings("web", "prod")


@pytest.mark.parametrize(
    "statistic", ["tm99", "IQM", "TM(10%:90%)", "p100", "wm98", "PR(100:2000)", "tc90", "TS(80%:)"]
)
def test_extended_statistics_are_taken(statistic: str) -> None:
    fields = {**ONE, "dimensions": {}, "threshold": 1, "statistic": statistic}
    [alarm] = desired(Settings.model_validate({"define": {"slow": fields}}), PLACE)
    assert alarm.properties["ExtendedStatistic"] == statistic
    assert alarm.properties["Statistic"] is None


def settings(**alarms: dict[str, Any]) -> Settings:
    return Settings.model_validate({"define": alarms})


def alarm(**changes: object) -> dict[str, Any]:
    return {**ONE, "dimensions": {}, "threshold": 1, **changes}


@pytest.mark.parametrize("written", [5, "on", ["off"]])
def test_a_change_of_a_preset_that_is_no_mapping_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"define\.unhealthy\n.* valid dictionary"):
        Settings.model_validate({"preset": "load-balanced", "define": {"unhealthy": written}})


def test_a_short_name_has_a_hundred_characters_at_most() -> None:
    settings(**{"a" * 100: alarm()})
    with pytest.raises(ValueError, match="at most 100 characters"):
        settings(**{"a" * 101: alarm()})


def test_a_rule_names_a_hundred_alarms_at_most() -> None:
    parts = {f"a{number}": alarm() for number in range(101)}
    rule = " OR ".join(f"ALARM({name})" for name in parts)
    with pytest.raises(ValueError, match="names 101 alarms; CloudWatch takes 100"):
        settings(both={"summary": "Both.", "rule": rule}, **parts)
    settings(both={"summary": "Both.", "rule": rule.rpartition(" OR ")[0]}, **parts)


def test_a_rule_may_be_as_long_as_at_cloudwatch() -> None:
    def rule_with(last: int) -> str:
        names = [*(f"{number:02}{'a' * 88}" for number in range(87)), "z" * last]
        rule = " OR ".join(f"ALARM({name})" for name in names)
        both = settings(both={"summary": "Both.", "rule": rule}, **{n: alarm() for n in names})
        [found] = [each for each in desired(both, PLACE) if each.name.endswith("both")]
        return str(found.properties["AlarmRule"])

    last = 10_240 - len(rule_with(1)) + 1
    assert len(rule_with(last)) == 10_240
    with pytest.raises(DeclarationError, match="has 10241 characters"):
        rule_with(last + 1)


def test_a_rule_that_is_too_long_with_full_names_is_refused_at_its_alarm() -> None:
    parts = {f"{'a' * 88}{number}": alarm() for number in range(99)}
    rule = " OR ".join(f"ALARM({name})" for name in parts)
    assert len(rule) < 10_240
    both = settings(both={"summary": "Both.", "rule": rule}, **parts)
    with pytest.raises(DeclarationError, match="once the alarms have their full names") as caught:
        desired(both, PLACE)
    assert caught.value.location == ("alarms", "define", "both")


def test_periods_finer_than_awss_metrics_are_a_warning() -> None:
    fine = settings(
        slow=alarm(namespace="AWS/SQS", dimensions={"QueueName": "q"}, period="10s"),
        mine=alarm(period="10s"),
        cpu=alarm(namespace="AWS/ECS", period="20s"),
        ten=alarm(namespace="AWS/ECS", period="10s"),
    )
    told = warnings(fine, PLACE)
    assert len(told) == 2
    assert "`slow` has a period of 10s, and AWS publishes AWS/SQS once a minute" in told[0]
    assert "`ten` has a period of 10s" in told[1]


def test_a_plan_refuses_what_only_the_whole_request_shows(
    deployed: dict[str, str], ops: Ops, workspace: Path
) -> None:
    path = workspace / "copilot/web/ops.yml"
    written(path)
    path.write_text(path.read_text().replace("alarms:\n", f"alarms:\n  prefix: {'p' * 255}\n"))
    run = ops("alarms", "plan", "--env", "prod")
    assert run.code == 1
    assert "copilot/web/ops.yml:4: The name of the alarm `slow` is longer than 255" in run.err


def test_a_plan_checks_requests_against_the_service_models(
    deployed: dict[str, str], ops: Ops, workspace: Path
) -> None:
    """With the service's name the description has more than EventBridge's 512 characters."""
    (workspace / "copilot/ops.yml").write_text("topics:\n  page: {email: [oncall@shop.example]}\n")
    (workspace / "copilot/web/ops.yml").write_text(
        f"events:\n  preset: service\n  define:\n    deploy-failed:\n      summary: {'s' * 487}\n"
    )
    run = ops("events", "plan", "--env", "prod")
    assert run.code == 1
    assert "copilot/web/ops.yml:4: " in run.err
    assert "AWS would refuse `shop-prod-web-deploy-failed`: Value 'sss" in run.err
    assert "Member must have length less than or equal to 512" in run.err


def test_a_description_that_is_too_long_by_itself_is_refused_in_the_file(workspace: Path) -> None:
    (workspace / "copilot/web/ops.yml").write_text(
        f"events:\n  preset: service\n  define:\n    deploy-failed:\n      summary: {'s' * 488}\n"
    )
    with pytest.raises(WorkspaceError, match=r"ops.yml:5: .* makes a description of 513"):
        load_workspace(workspace).service_settings("web", "prod")
