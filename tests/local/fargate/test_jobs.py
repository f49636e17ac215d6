"""Jobs: an execution of a state machine starts a task of ECS, and ends as the task does."""

# ruff: noqa: ANN401 - documents of APIs
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tests.local.fargate.world import REGION
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.fargate import Fargate
    from ops.local.plane import ControlPlane
    from tests.local.fargate.world import World

RETRY = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 10, "MaxAttempts": 1, "BackoffRate": 1.5}


class Jobs:
    """State machines of Copilot's form."""

    def __init__(self, world: World) -> None:
        self.world = world
        session = boto3.Session("embedded", "embedded", region_name=REGION)
        self.api: Any = session.client("stepfunctions", endpoint_url=world.endpoint)

    def start(self, *command: str, retry: bool = False, **fields: Any) -> str:
        """Start an execution; return its ARN."""
        network = {"Subnets": self.world.subnets[:2], "AssignPublicIp": "ENABLED"}
        state = {
            "Type": "Task",
            "Resource": "arn:aws:states:::ecs:runTask.sync",
            "Parameters": {
                "LaunchType": "FARGATE",
                "Cluster": self.world.cluster,
                "TaskDefinition": self.world.define(*command, family="nightly"),
                "Group.$": "$$.Execution.Name",
                "NetworkConfiguration": {"AwsvpcConfiguration": network},
            },
            **({"Retry": [RETRY]} if retry else {}),
            "End": True,
        }
        machine = {"StartAt": "Run", "States": {"Run": state}, **fields}
        created = self.api.create_state_machine(
            name="shop-test-nightly",
            definition=json.dumps(machine),
            roleArn="arn:aws:iam::123456789012:role/machine",
        )
        started = self.api.start_execution(stateMachineArn=created["stateMachineArn"])
        arn: str = started["executionArn"]
        return arn

    def ended(self, arn: str) -> Any:
        """Wait for the end of an execution, and describe it."""

        def look() -> Any:
            execution = self.api.describe_execution(executionArn=arn)
            return execution if execution["status"] != "RUNNING" else None

        return until("the execution ends", look)

    def events(self, arn: str) -> list[str]:
        """Return the kinds of an execution's events."""
        history = self.api.get_execution_history(executionArn=arn)["events"]
        return [event["type"] for event in history]

    def tasks(self, desired: str = "STOPPED") -> Any:
        """Describe the tasks that have stopped."""
        arns = self.world.ecs.list_tasks(
            cluster=self.world.cluster,
            desiredStatus=desired,  # type: ignore[arg-type]
        )["taskArns"]
        if not arns:
            return []
        return self.world.ecs.describe_tasks(cluster=self.world.cluster, tasks=arns)["tasks"]


@pytest.fixture
def jobs(world: World, fargate: Callable[[], Fargate]) -> Jobs:
    """Return state machines on a Fargate that runs."""
    fargate()
    return Jobs(world)


def test_an_execution_succeeds_with_its_task(jobs: Jobs, plane: ControlPlane) -> None:
    arn = jobs.start("echo", "counted 3 orders")
    assert jobs.ended(arn)["status"] == "SUCCEEDED"
    (task,) = jobs.tasks()
    assert task["containers"][0]["exitCode"] == 0
    assert task["group"] == arn.rsplit(":", 1)[1]
    assert list(jobs.world.lines().values()) == [["counted 3 orders"]]
    assert jobs.events(arn)[-2:] == ["TaskStateExited", "ExecutionSucceeded"]
    assert [each["subject"] for each in plane.journal.entries() if each["kind"] == "job"] == [
        "shop-test-nightly"
    ]


def test_a_task_that_fails_is_tried_again_and_its_exit_code_is_the_cause(jobs: Jobs) -> None:
    arn = jobs.start("sh", "-c", "exit 7", retry=True)
    ended = jobs.ended(arn)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(ended["cause"])["exits"] == {"nightly": 7}
    assert jobs.events(arn).count("TaskFailed") == 2
    assert len(jobs.tasks()) == 2


def test_a_task_that_runs_too_long_is_stopped(jobs: Jobs) -> None:
    arn = jobs.start("sleep", "600", TimeoutSeconds=1)
    assert jobs.ended(arn)["status"] == "TIMED_OUT"
    (task,) = until("it has stopped", jobs.tasks)
    assert "has ended" in task["stoppedReason"]


def test_a_stopped_execution_stops_its_task(jobs: Jobs) -> None:
    arn = jobs.start("sleep", "600")
    until("it runs", lambda: jobs.tasks("RUNNING"))
    jobs.api.stop_execution(executionArn=arn)
    (task,) = until("its task stops", jobs.tasks)
    assert task["containers"][0]["name"] == "nightly"


def test_a_parameter_that_ecs_refuses_fails_the_execution(jobs: Jobs) -> None:
    jobs.world.cluster = "gone"
    ended = jobs.ended(jobs.start("true"))
    assert (ended["status"], ended["error"]) == ("FAILED", "ECS.ClusterNotFoundException")


def test_run_task_gives_its_command_and_variables_to_the_container(jobs: Jobs) -> None:
    definition = jobs.world.define("echo", "own", family="once")
    override: Any = {
        "name": "once",
        "command": ["sh", "-c", "echo $WHAT"],
        "environment": [{"name": "WHAT", "value": "migrated"}],
    }
    jobs.world.ecs.run_task(
        cluster=jobs.world.cluster,
        taskDefinition=definition,
        launchType="FARGATE",
        overrides={"containerOverrides": [override]},
        networkConfiguration={"awsvpcConfiguration": {"subnets": jobs.world.subnets[:1]}},
    )
    until("it has run", lambda: [t for t in jobs.tasks() if t["lastStatus"] == "STOPPED"])
    assert list(jobs.world.lines().values()) == [["migrated"]]
