"""Executions of state machines, their definitions, and tasks without a service."""

# ruff: noqa: ANN401 - documents of APIs
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from ops.local.gaps.step_functions.definition import Definition, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Callable

ROLE = "arn:aws:iam::123456789012:role/machine"
RUN_TASK: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::ecs:runTask.sync",
    "Parameters": {
        "Cluster": "shop",
        "TaskDefinition": "nightly:1",
        "Group.$": "$$.Execution.Name",
        "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["a", "b"]}},
    },
    "End": True,
}


def machine(state: dict[str, Any] = RUN_TASK, **fields: Any) -> str:
    return json.dumps({"Version": "1.0", "StartAt": "Run", "States": {"Run": state}, **fields})


def start(states: Any, name: str, definition: str) -> str:
    arn = states.create_state_machine(name=name, definition=definition, roleArn=ROLE)
    answer = states.start_execution(stateMachineArn=arn["stateMachineArn"], input='{"of": "test"}')
    execution: str = answer["executionArn"]
    return execution


def test_moto_still_invents_the_history_of_executions(moto: Callable[[str], Any]) -> None:
    states = moto("stepfunctions")
    wait = machine({"Type": "Wait", "Seconds": 1, "End": True})
    history = states.get_execution_history(executionArn=start(states, "history", wait))
    assert "A State" in json.dumps(history, default=str)


def test_an_execution_is_stopped_with_its_reason(embedded: Callable[[str], Any]) -> None:
    states = embedded("stepfunctions")
    execution = start(states, "stopped", machine())
    states.stop_execution(executionArn=execution)
    assert states.describe_execution(executionArn=execution)["status"] == "ABORTED"
    events = states.get_execution_history(executionArn=execution)["events"]
    assert [event["type"] for event in events] == ["ExecutionStarted", "ExecutionAborted"]
    assert events[0]["executionStartedEventDetails"]["input"] == '{"of": "test"}'


def test_a_machine_that_cannot_be_run_here_is_refused_when_it_is_started(
    embedded: Callable[[str], Any],
) -> None:
    states = embedded("stepfunctions")
    wait = machine({"Type": "Wait", "Seconds": 1, "End": True})
    with pytest.raises(ClientError, match="state machine waits: the state Run has Seconds") as info:
        start(states, "waits", wait)
    assert info.value.response["Error"]["Code"] == "InvalidDefinition"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("[]", "not a JSON object"),
        (machine(RUN_TASK | {"Catch": []}), "the state Run has Catch"),
        (machine(RUN_TASK | {"Resource": "arn:aws:states:::sns:publish"}), "not a task of"),
        (machine(RUN_TASK | {"Retry": [{"JitterStrategy": "FULL"}]}), "JitterStrategy"),
        (machine(QueryLanguage="JSONata"), "the state machine has QueryLanguage"),
        (json.dumps({"StartAt": "A", "States": {"A": RUN_TASK, "B": RUN_TASK}}), "2 states"),
    ],
)
def test_a_definition_that_would_be_run_wrongly_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        Definition.of(text)


def test_parameters_become_those_of_the_api() -> None:
    definition = Definition.of(machine())
    assert definition.arguments({"Execution.Name": "one"}) == {
        "cluster": "shop",
        "taskDefinition": "nightly:1",
        "group": "one",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a", "b"]}},
    }
    with pytest.raises(UnsupportedError, match=r"\$\$\.Execution\.Name cannot be read"):
        definition.arguments({})


def test_retries_wait_longer_each_time_and_not_for_every_error() -> None:
    retry = {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 10, "BackoffRate": 1.5}
    (retrier,) = Definition.of(machine(RUN_TASK | {"Retry": [retry]})).retriers
    assert [retrier.pause(number) for number in (1, 2, 3)] == [10, 15, 22.5]
    assert retrier.attempts == 3
    assert retrier.covers("ECS.ClusterNotFoundException")
    assert not retrier.covers("States.Timeout")


def test_moto_still_invents_the_life_of_a_task_that_was_run(moto: Callable[[str], Any]) -> None:
    ecs = moto("ecs")
    arn = run(ecs, propagateTags="TASK_DEFINITION")["taskArn"]
    ecs.describe_tasks(cluster="shop", tasks=[arn])
    (task,) = ecs.describe_tasks(cluster="shop", tasks=[arn], include=["TAGS"])["tasks"]
    assert task["lastStatus"] != "PROVISIONING"
    assert task["tags"] == []


def test_a_task_that_is_run_waits_for_whoever_runs_it(embedded: Callable[[str], Any]) -> None:
    ecs = embedded("ecs")
    task = run(ecs, propagateTags="TASK_DEFINITION", tags=[{"key": "by", "value": "test"}])
    assert (task["lastStatus"], task["group"]) == ("PROVISIONING", "family:run-task")
    assert {tag["key"] for tag in task["tags"]} == {"by", "of"}
    unknown = {"containerOverrides": [{"name": "other", "command": ["x"]}]}
    with pytest.raises(ClientError, match="other is not a container"):
        run(ecs, overrides=unknown)
    with pytest.raises(ClientError, match="between 1 and 10"):
        run(ecs, count=11)


def run(ecs: Any, **settings: Any) -> Any:
    ecs.create_cluster(clusterName="shop")
    ecs.register_task_definition(
        family="run-task",
        containerDefinitions=[{"name": "main", "image": "x", "memory": 128}],
        tags=[{"key": "of", "value": "definition"}],
    )
    answer = ecs.run_task(
        cluster="shop", taskDefinition="run-task", launchType="FARGATE", **settings
    )
    return answer["tasks"][0]
