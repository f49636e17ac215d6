"""Several clients at once."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from ops.local.gaps.cloudformation import stacks as cloudformation
from tests.local.stacks import Stacks, queue, template
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.local.stacks import Template


def service(name: str, seconds: int = 30) -> Template:
    """Return a stack in progress until its service has settled."""
    main = {"Name": "main", "Image": "x", "Memory": 128}
    task = {"Family": name, "ContainerDefinitions": [main]}
    cluster, of_task = {"Ref": "Cluster"}, {"Ref": "Task"}
    of_service = {"Cluster": cluster, "ServiceName": name, "TaskDefinition": of_task}
    return template(
        {
            "Queue": queue(name, VisibilityTimeout=seconds),
            "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": name}},
            "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": task},
            "Service": {
                "Type": "AWS::ECS::Service",
                "DependsOn": "Queue",
                "Properties": {**of_service, "DesiredCount": 1},
            },
        }
    )


def services_settle_when(wait: Callable[[], object]) -> None:
    """Keep a stack in progress until `wait` returns; it fails with what `wait` raises."""

    def settled(_cluster: str, _service: str) -> None:
        wait()

    cloudformation.wait_for_services(settled)


def test_two_stacks_are_made_at_the_same_time(
    stacks: Stacks, name: str, services_settle: None
) -> None:
    meeting = threading.Barrier(2, timeout=30)
    services_settle_when(meeting.wait)
    names = [f"{name}-a", f"{name}-b"]
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda each: stacks.create(each, service(each)), names))
    assert [stack["StackStatus"] for stack in made] == ["CREATE_COMPLETE"] * 2


def test_a_stack_that_is_being_changed_refuses_another_change(
    stacks: Stacks, name: str, services_settle: None
) -> None:
    stacks.create(name, template({"Queue": queue(name)}))
    has_settled = threading.Event()
    services_settle_when(lambda: has_settled.wait(30))
    planned = stacks.change_set(name, service(name))
    other = stacks.change_set(name, service(name, 60))
    stacks.api.execute_change_set(ChangeSetName=planned["ChangeSetId"])
    busy = "is in UPDATE_IN_PROGRESS state and can not be updated"
    with pytest.raises(stacks.api.exceptions.ClientError, match=busy):
        stacks.update(name, service(name, 60))
    with pytest.raises(stacks.api.exceptions.ClientError, match=busy):
        stacks.change_set(name, service(name, 60))
    with pytest.raises(stacks.api.exceptions.ClientError, match=busy):
        stacks.api.execute_change_set(ChangeSetName=other["ChangeSetId"])
    has_settled.set()
    assert stacks.settled(name)["StackStatus"] == "UPDATE_COMPLETE"
    assert stacks.update(name, service(name, 60))["StackStatus"] == "UPDATE_COMPLETE"


def test_a_deletion_waits_for_what_is_under_way(
    stacks: Stacks, name: str, services_settle: None
) -> None:
    has_settled = threading.Event()
    services_settle_when(lambda: has_settled.wait(30))
    identifier = stacks.api.create_stack(StackName=name, TemplateBody=json.dumps(service(name)))[
        "StackId"
    ]
    stacks.api.delete_stack(StackName=name)
    assert stacks.described(name)["StackStatus"] == "CREATE_IN_PROGRESS"
    has_settled.set()

    def is_deleted() -> bool:
        return bool(stacks.described(identifier)["StackStatus"] == "DELETE_COMPLETE")

    until("the stack is deleted", is_deleted)
    assert not stacks.has_queue(name)


def test_a_name_is_a_stacks_alone(stacks: Stacks, name: str) -> None:
    stacks.create(name, template({"Queue": queue(name)}))
    with pytest.raises(stacks.api.exceptions.AlreadyExistsException, match="already exists"):
        stacks.create(name, template({"Queue": queue(name)}))
    with pytest.raises(stacks.api.exceptions.ClientError, match="cannot be created again"):
        stacks.change_set(name, template({"Queue": queue(name)}), kind="CREATE")


def test_a_service_that_does_not_settle_fails_its_stack(
    stacks: Stacks, name: str, services_settle: None
) -> None:
    def hinder() -> None:
        raise TimeoutError("its tasks keep failing")

    services_settle_when(hinder)
    assert stacks.create(name, service(name))["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "its tasks keep failing" in stacks.reason(name, "Service CREATE_FAILED")
    (left,) = stacks.client("ecs").describe_services(cluster=name, services=[name])["services"]
    assert left["status"] == "INACTIVE"
