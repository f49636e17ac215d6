"""The resources of the repository's own `ops.yml` files: the values of docs/design-page.md."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from ops.base.kinds import KINDS
from ops.copilot.place import ApplicationPlace, ServicePlace, ServiceStack
from ops.copilot.workspace import load_workspace
from ops.kinds.alarms.desired import desired as alarms
from ops.kinds.images.desired import desired as images
from ops.kinds.scaling.desired import desired as scaling
from ops.kinds.topics.names import notified
from ops.kinds.topics.settings import Settings as Topics
from ops.plan.model import Resource
from ops.plan.survey.declarations import APPLICATION, read_declarations
from tests.ops.kinds.scaling.metric_math import Math

ROOT = Path(__file__).parents[3]


def place(service: str, environment: str, root: Path = ROOT) -> ServicePlace:
    stack = ServiceStack(
        name=f"amply-{environment}-{service}",
        cluster=f"amply-{environment}",
        service=f"amply-{service}",
        target_group="targetgroup/api/1",
        load_balancer="app/public/2",
        scalable_target=f"service/amply-{environment}/amply-{service}",
    )
    declarations = read_declarations(load_workspace(root), KINDS, environment)
    return ServicePlace("amply", environment, service, stack, declarations.workloads[service])


def sections(environment: str, root: Path = ROOT) -> Any:  # noqa: ANN401  # each kind's own settings
    return read_declarations(load_workspace(root), KINDS, environment).sections


def alarms_in(environment: str, service: str = "api") -> dict[str, Resource]:
    wanted = alarms(sections(environment)["alarms"][service], place(service, environment))
    return {each.name: each for each in wanted}


def test_production_has_the_required_alarms() -> None:
    wanted = alarms_in("prod")
    high_cpu = dict(wanted["amply-api-high-cpu"].properties)
    for actions in (high_cpu.pop("AlarmActions"), high_cpu.pop("OKActions")):
        assert isinstance(actions, Mapping)
        assert not any(actions.values())  # a part of the rollback, which notifies nobody
    assert high_cpu == {
        "AlarmDescription": (
            "The api's tasks are short of CPU on average; requests will slow down. "
            "Runbook: docs/runbooks/high-cpu.md (ops: copilot/api/ops.yml)"
        ),
        "Namespace": "AWS/ECS",
        "MetricName": "CPUUtilization",
        "Dimensions": [
            {"Name": "ClusterName", "Value": "amply-prod"},
            {"Name": "ServiceName", "Value": "amply-api"},
        ],
        "Statistic": "Average",
        "ExtendedStatistic": None,
        "Metrics": None,
        "EvaluationCriteria": None,
        "EvaluationInterval": None,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 80,
        "Period": 60,
        "EvaluationPeriods": 3,
        "TreatMissingData": "notBreaching",
    }
    unhealthy = wanted["amply-api-unhealthy"].properties
    assert unhealthy["Namespace"] == "AWS/ApplicationELB"
    assert unhealthy["MetricName"] == "UnHealthyHostCount"
    assert (unhealthy["Threshold"], unhealthy["EvaluationPeriods"]) == (1, 2)
    assert unhealthy["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert isinstance(unhealthy["AlarmActions"], Mapping)
    assert not any(unhealthy["AlarmActions"].values())


@pytest.mark.parametrize("environment", ["prod", "staging"])
@pytest.mark.parametrize("service", ["api", "worker", "beat"])
def test_every_alarm_has_its_runbook(environment: str, service: str) -> None:
    made = alarms_in(environment, service)
    assert made
    for alarm in made.values():
        description = str(alarm.properties["AlarmDescription"])
        runbook = description.split("Runbook: ", 1)[1].split(maxsplit=1)[0]
        assert (ROOT / runbook).is_file()


def test_the_load_balancers_errors_page_while_one_service_alone_is_behind_it() -> None:
    where = place("api", "prod")
    where = replace(where, shared={"topics": Topics.model_validate({"page": {}})})
    topic = notified(where)["page"]
    made = {each.name: each for each in alarms(sections("prod")["alarms"]["api"], where)}
    actions = made["amply-api-balancer-errors"].properties["AlarmActions"]
    assert isinstance(actions, Mapping)
    assert actions[topic] is True
    balanced = [
        each for each in (ROOT / "copilot").glob("*/manifest.yml") if "\nhttp:" in each.read_text()
    ]
    assert len(balanced) == 1


@pytest.mark.parametrize(
    ("environment", "called"), [("prod", "production"), ("staging", "staging")]
)
def test_the_applications_own_metrics_are_those_of_the_environment(
    environment: str, called: str
) -> None:
    beat = alarms_in(environment, "beat")[f"amply-{environment}-beat-heartbeat-missing"]
    assert beat.properties["Dimensions"] == [{"Name": "Environment", "Value": called}]
    worker = alarms_in(environment, "worker")
    outbox = worker[f"amply-{environment}-worker-old-outbox"].properties
    assert outbox["Dimensions"] == [{"Name": "Environment", "Value": called}]
    waiting = worker[f"amply-{environment}-worker-old-charges"].properties
    assert waiting["Dimensions"] == [{"Name": "Environment", "Value": called}]
    charges: Any = worker[f"amply-{environment}-worker-failing-charges"].properties["Metrics"]
    for name in ("failed", "ended"):
        dimensions = charges[name]["MetricStat"]["Metric"]["Dimensions"]
        assert dimensions == [
            {"Name": "Environment", "Value": called},
            {"Name": "Task", "Value": "amply.donations.charge"},
        ]


@pytest.mark.parametrize("compares_missing", [False, True])
@pytest.mark.parametrize(
    ("ended", "failed", "percent"),
    [
        (None, None, None),  # no attempt
        (20, None, 0),
        (20, 5, 25),
        (4, 4, 0),  # fewer than five attempts
        (None, 4, 0),
        (None, 5, 100),  # all are killed at their hard time limit, which leaves no duration
        (3, 6, 100),
        (6, 3, 50),
    ],
)
def test_charges_that_are_killed_count_as_failing(
    ended: float | None,
    failed: float | None,
    percent: float | None,
    compares_missing: bool,
) -> None:
    alarm = alarms_in("prod", "worker")["amply-prod-worker-failing-charges"]
    metrics: Any = alarm.properties["Metrics"]
    math = Math({"ended": ended, "failed": failed}, compares_missing)
    assert math.evaluate(metrics["result"]["Expression"]) == percent


@pytest.mark.parametrize(
    ("declined", "succeeded", "percent"),
    [(None, None, None), (9, 0, 0), (10, 0, 100), (5, 5, 50), (0, 20, 0)],
)
def test_the_share_of_declined_donations(
    declined: float | None, succeeded: float | None, percent: float | None
) -> None:
    alarm = alarms_in("prod", "worker")["amply-prod-worker-declined-share"]
    metrics: Any = alarm.properties["Metrics"]
    math = Math({"declined": declined, "succeeded": succeeded}, compares_missing=False)
    assert math.evaluate(metrics["result"]["Expression"]) == percent


@pytest.mark.parametrize(
    ("suppressed", "mailed", "percent"),
    [(None, None, None), (2, 2, 0), (3, 100, 3), (10, 100, 10), (5, 0, 100), (0, 50, 0)],
)
def test_the_share_of_addresses_that_bounce_or_complain(
    suppressed: float | None, mailed: float | None, percent: float | None
) -> None:
    alarm = alarms_in("prod", "worker")["amply-prod-worker-suppressed-mail"]
    metrics: Any = alarm.properties["Metrics"]
    math = Math({"suppressed": suppressed, "mailed": mailed}, compares_missing=False)
    assert math.evaluate(metrics["result"]["Expression"]) == percent


@pytest.mark.parametrize("service", ["api", "worker", "beat"])
@pytest.mark.parametrize("environment", ["prod", "staging"])
def test_every_service_alerts_on_its_error_lines(environment: str, service: str) -> None:
    prefix = "amply-api-" if (environment, service) == ("prod", "api") else None
    name = f"{prefix or f'amply-{environment}-{service}-'}error-lines"
    alarm = alarms_in(environment, service)[name].properties
    assert alarm["MetricName"] in sections(environment)["log_metrics"][service].metric_filters
    assert alarm["Namespace"] == f"amply/{environment}/{service}"
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 1)
    assert alarm["Dimensions"] is None


@pytest.mark.parametrize(
    ("environment", "queue"),
    [("prod", "amply-celery-queue"), ("staging", "amply-staging-celery-queue")],
)
def test_the_worker_scales_on_the_queue_of_its_environment(environment: str, queue: str) -> None:
    [policy] = scaling(sections(environment)["scaling"]["worker"], place("worker", environment))
    configuration: Any = policy.properties["TargetTrackingScalingPolicyConfiguration"]
    metric = configuration["CustomizedMetricSpecification"]
    assert configuration["TargetValue"] == 100
    assert metric["Namespace"] == "AWS/SQS"
    assert metric["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert metric["Statistic"] == "Average"
    assert metric["Dimensions"] == [{"Name": "QueueName", "Value": queue}]


@pytest.mark.parametrize("environment", ["prod", "staging"])
def test_dead_letters_are_those_of_the_queue(environment: str) -> None:
    queue = place("worker", environment).workload.queue
    assert queue is not None
    assert queue.dead_letters == f"{queue.name}-dlq"


def test_the_worker_changes_to_scaling_by_load_by_one_line(tmp_path: Path) -> None:
    copytree(ROOT / "copilot", tmp_path / "copilot")
    path = tmp_path / "copilot/worker/ops.yml"
    lines = path.read_text().splitlines()
    [old] = [line for line in lines if line.startswith("  queue_depth:")]
    [new] = [line for line in lines if line.startswith("  # load_per_task:")]
    path.write_text(path.read_text().replace(old, new.replace("# ", "")))
    made = scaling(
        sections("staging", tmp_path)["scaling"]["worker"], place("worker", "staging", tmp_path)
    )
    assert [each.name for each in made] == ["worker/ops-load-out", "worker/ops-load-in"]
    metrics: Any = [each.properties["Alarm"] for each in made]
    queues = {
        query["MetricStat"]["Metric"]["Dimensions"][0]["Value"]
        for alarm in metrics
        for query in alarm["Metrics"]
        if "MetricStat" in query and query["Id"] != "running"
    }
    assert queues == {"amply-staging-celery-queue"}


def test_the_repository_keeps_ten_images() -> None:
    [repository] = images(sections("prod")["images"][APPLICATION], ApplicationPlace("amply"))
    assert repository.name == "amply-backend"
    assert repository.properties == {
        "imageScanningConfiguration": {"scanOnPush": True},
        "imageTagMutability": "IMMUTABLE",
        "lifecyclePolicy": {
            "rules": [
                {
                    "rulePriority": 1,
                    "description": "Keep last 10 images",
                    "selection": {
                        "tagStatus": "any",
                        "countType": "imageCountMoreThan",
                        "countNumber": 10,
                    },
                    "action": {"type": "expire"},
                }
            ]
        },
    }
