"""Services whose metrics have a resolution below a minute."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ops.aws.client import Aws
from ops.copilot.metric_resolution import read_resolutions
from ops.copilot.place import ServiceStack
from tests.ops.support.copilot_stacks import service_name
from tests.ops.support.sessions import on_sessions_of_ops

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import TypeAlias

    from tests.ops.conftest import Ops

    Item: TypeAlias = Callable[[str], dict[str, Any]]

_CREATED = datetime(2027, 1, 1, tzinfo=UTC)
_FINE = [{"metricNames": ["CPUUtilization", "MemoryUtilization"], "resolutionSeconds": 20}]
_OF_MEMORY = [{"metricNames": ["MemoryUtilization"], "resolutionSeconds": 20}]


class Ecs:
    """An ECS with services and their revisions, oldest first; it counts the calls."""

    def __init__(self, monitoring: Mapping[str, list[list[dict[str, Any]] | None]]) -> None:
        self.services = {name: len(revisions) for name, revisions in monitoring.items()}
        self.revisions = {
            f"{name}/{age}": configurations
            for name, revisions in monitoring.items()
            for age, configurations in enumerate(revisions)
        }
        self.calls: list[int] = []

    def describe_services(self, params: dict[str, Any], **_: object) -> tuple[object, object]:
        return self._answer(params, "services", "services", self._service)

    def describe_revisions(self, params: dict[str, Any], **_: object) -> tuple[object, object]:
        return self._answer(params, "serviceRevisionArns", "serviceRevisions", self._revision)

    def _answer(self, params: dict[str, Any], of: str, member: str, item: Item) -> tuple[Any, Any]:
        names = json.loads(params["body"])[of]
        self.calls.append(len(names))
        return _Http(), {member: [item(name) for name in names]}

    def _service(self, name: str) -> dict[str, Any]:
        arns = [f"{name}/{age}" for age in range(self.services[name])]
        return {"serviceName": name, "currentServiceRevisions": [{"arn": arn} for arn in arns]}

    def _revision(self, arn: str) -> dict[str, Any]:
        created = _CREATED + timedelta(days=int(arn[-1]))
        configurations = self.revisions[arn]
        fine = {} if configurations is None else {"metricConfigurations": configurations}
        return {"serviceRevisionArn": arn, "createdAt": created, "monitoring": fine}


class _Http:
    status_code = 200


def _stack(number: int, cluster: str = "shop-prod") -> ServiceStack:
    return ServiceStack(f"{cluster}-web{number}", cluster, f"web{number}")


@pytest.fixture
def answer(aws_settings: pytest.MonkeyPatch) -> Callable[[Ecs], Aws]:
    """Return a function that creates an AWS with these answers of ECS."""

    def make(ecs: Ecs) -> Aws:
        for operation, handler in (
            ("DescribeServices", ecs.describe_services),
            ("DescribeServiceRevisions", ecs.describe_revisions),
        ):
            on_sessions_of_ops(aws_settings, f"before-call.ecs.{operation}", handler)
        return Aws()

    return make


def test_the_newest_revision_decides(answer: Callable[[Ecs], Aws]) -> None:
    """During a deployment a service has two revisions; the newer one will remain."""
    aws = answer(Ecs({"web0": [None, _FINE], "web1": [_FINE, None], "web2": [_OF_MEMORY]}))
    assert read_resolutions(aws, map(_stack, range(3))) == {
        "shop-prod-web0": 20,
        "shop-prod-web1": 60,
        "shop-prod-web2": 60,
    }


def test_a_service_without_revisions_reports_every_minute(answer: Callable[[Ecs], Aws]) -> None:
    ecs = Ecs({"web0": []})
    assert read_resolutions(answer(ecs), [_stack(0)]) == {"shop-prod-web0": 60}
    assert ecs.calls == [1]  # no revision to ask about


def test_ten_services_are_one_call_and_twenty_revisions_another(
    answer: Callable[[Ecs], Aws],
) -> None:
    ecs = Ecs({f"web{number}": [None, _FINE] for number in range(25)})
    resolutions = read_resolutions(answer(ecs), map(_stack, range(25)))
    assert set(resolutions.values()) == {20}
    assert sorted(ecs.calls) == [5, 10, 10, 10, 20, 20]


def test_a_plan_counts_three_samples_a_minute_for_a_task(
    deployed: object, answer: Callable[[Ecs], Aws], ops: Ops, workspace: Path
) -> None:
    manifest = workspace / "copilot/web/manifest.yml"
    manifest.write_text(f"{manifest.read_text()}count: {{range: 2-8}}\n")
    (workspace / "copilot/web/ops.yml").write_text("alarms: {preset: service}\n")
    assert _threshold(ops) == 2
    answer(Ecs({service_name("shop", "prod", name): [_FINE] for name in ("web", "worker")}))
    assert _threshold(ops) == 6


def _threshold(ops: Ops) -> float:
    [kind] = ops("alarms", "plan", "--env", "prod", "--output", "json").data["kinds"]
    [alarm] = [each for each in kind["changes"] if each["name"] == "shop-prod-web-few-tasks"]
    [threshold] = [each["new"] for each in alarm["fields"] if each["field"] == "Threshold"]
    return float(threshold)
