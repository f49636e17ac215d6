"""Doubtful settings of a service's scaling."""

from typing import Any

import pytest

from ops.copilot.workload import Queue, TaskRange, Workload
from ops.kinds.scaling.findings import findings
from ops.kinds.scaling.settings import Settings

WORKLOAD = Workload(tasks=TaskRange(2, 20), queue=Queue(name="jobs"))


def rules(workload: Workload = WORKLOAD, **section: Any) -> list[str]:  # noqa: ANN401
    return [each.rule for each in findings(Settings.model_validate(section), workload)]


def test_the_defaults_are_not_doubtful() -> None:
    assert rules(queue_depth={"target": 100}) == []
    assert rules(backlog_per_task={"target": 100}) == []
    assert rules(load_per_task={"seconds_per_task": 1}) == []
    backstop = {"target": 1000, "scale_in": False}
    assert rules(published_load={"namespace": "Shop"}, queue_depth=backstop) == []
    assert rules(step={"burst": {"add": {1: 1}}}) == []


@pytest.mark.parametrize(
    ("section", "field", "least"),
    [
        ({"queue_depth": {"target": 1, "scale_out_cooldown": "1m"}}, "queue_depth", 180),
        ({"backlog_per_task": {"target": 1, "scale_out_cooldown": "299s"}}, "backlog", 300),
        ({"load_per_task": {"seconds_per_task": 1, "scale_out_cooldown": "299s"}}, "load", 300),
        ({"load_per_task": {"seconds_per_task": 1}, "launch": "2m"}, "load_per_task", 360),
        ({"queue_depth": {"target": 1}, "launch": "4m"}, "queue_depth", 360),
        ({"step": {"burst": {"add": {1: 1}, "cooldown": "2m"}}}, "step.burst.cooldown", 180),
    ],
)
def test_a_cooldown_shorter_than_what_it_waits_for_is_found(
    section: dict[str, Any], field: str, least: int
) -> None:
    [finding] = findings(Settings.model_validate(section), WORKLOAD)
    assert finding.rule == "scale-out-cooldown"
    assert field in finding.what
    assert finding.next_step == f"Make it at least {least}s."


def test_a_published_load_has_its_own_lag() -> None:
    backstop = {"target": 1000, "scale_in": False}
    slow = {"namespace": "Shop", "lag": "1m"}
    both = ["scale-out-cooldown", "scale-in-cooldown"]
    assert rules(published_load=slow, queue_depth=backstop) == both


@pytest.mark.parametrize(
    ("section", "field", "least"),
    [
        ({"queue_depth": {"target": 1, "scale_in_cooldown": "119s"}}, "queue_depth", 120),
        ({"backlog_per_task": {"target": 1, "scale_in_cooldown": "3m"}}, "backlog", 240),
        ({"load_per_task": {"seconds_per_task": 1, "scale_in_cooldown": "1m"}}, "load", 240),
    ],
)
def test_tasks_are_not_removed_again_before_the_metric_shows_it(
    section: dict[str, Any], field: str, least: int
) -> None:
    """With 60 s a constant load of 5 went 10 -> 7 -> 5 -> 4 -> 3 on samples that are 180 s late."""
    [finding] = findings(Settings.model_validate(section), WORKLOAD)
    assert finding.rule == "scale-in-cooldown"
    assert field in finding.what
    assert finding.next_step == f"Make it at least {least}s."
    [name] = section
    for other in ({"scale_in": False}, {"scale_in_cooldown": f"{least}s"}):
        changed = {name: {**section[name], **other}}
        assert findings(Settings.model_validate(changed), WORKLOAD) == []


def test_a_published_load_that_would_remove_the_last_task_is_found() -> None:
    load = {"namespace": "Shop"}
    backstop = {"target": 1000, "scale_in": False}
    workload = Workload(tasks=TaskRange(0, 10))

    def found(published: dict[str, Any]) -> list[str]:
        section = {"published_load": published, "queue_depth": backstop}
        return [each.rule for each in findings(Settings.model_validate(section), workload)]

    assert found(load) == ["last-task"]
    assert found({**load, "metric_with_one_task_fewer": "Fewer"}) == []
    assert found({**load, "scale_in": False}) == []


def test_two_policies_that_remove_tasks_are_found() -> None:
    load = {"seconds_per_task": 1}
    assert rules(load_per_task=load, queue_depth={"target": 1}) == ["one-scales-in"]
    assert rules(load_per_task=load, queue_depth={"target": 1, "scale_in": False}) == []
    assert rules(backlog_per_task={"target": 1}, queue_depth={"target": 1}) == []


def test_a_load_without_tasks_has_no_value() -> None:
    idle = Workload(tasks=TaskRange(0, 20), queue=Queue(name="jobs"))
    load = {"seconds_per_task": 1}
    assert rules(idle, load_per_task=load) == ["from-zero"]
    assert rules(idle, load_per_task=load, step={"first": {"by": "unclaimed", "add": {1: 1}}}) == []
    assert rules(load_per_task=load) == []


def test_a_published_load_needs_a_backstop() -> None:
    assert rules(published_load={"namespace": "Shop"}) == ["backstop"]
