"""Stacks that keep what succeeded when something fails, and RollbackStack.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.stacks import IMPOSSIBLE, Stacks, queue, template

if TYPE_CHECKING:
    from tests.local.stacks import Template

POSSIBLE = {**IMPOSSIBLE, "Properties": {**IMPOSSIBLE["Properties"], "Memory": "512"}}


def body(name: str, seconds: int, broken: Template | None = None) -> Template:
    resources = {"Queue": queue(name, VisibilityTimeout=seconds)}
    if broken is not None:
        resources |= {"New": queue(f"{name}-new"), "Broken": {**broken, "DependsOn": "New"}}
    return template(resources)


def create(stacks: Stacks, name: str, resources: Template, **options: Any) -> dict[str, Any]:  # noqa: ANN401
    made = stacks.api.create_stack(StackName=name, TemplateBody=json.dumps(resources), **options)
    return stacks.settled(made["StackId"])


def update(stacks: Stacks, name: str, resources: Template) -> dict[str, Any]:
    stacks.api.update_stack(
        StackName=name, TemplateBody=json.dumps(resources), DisableRollback=True
    )
    return stacks.settled(name)


def statuses(stacks: Stacks, name: str) -> dict[str, str]:
    resources = stacks.api.describe_stack_resources(StackName=name)["StackResources"]
    return {each["LogicalResourceId"]: each["ResourceStatus"] for each in resources}


@pytest.mark.parametrize("option", [{"OnFailure": "DO_NOTHING"}, {"DisableRollback": True}])
def test_a_failed_creation_stays_and_is_tried_again(
    stacks: Stacks, name: str, option: dict[str, Any]
) -> None:
    stack = create(stacks, name, body(name, 30, IMPOSSIBLE), **option)
    assert stack["StackStatus"] == "CREATE_FAILED"
    assert stack["DisableRollback"]
    assert statuses(stacks, name) == {
        "Queue": "CREATE_COMPLETE", "New": "CREATE_COMPLETE", "Broken": "CREATE_FAILED",
    }  # fmt: skip
    with pytest.raises(stacks.api.exceptions.ClientError, match=r"non-terminal \[CREATE_FAILED\]"):
        stacks.update(name, body(name, 30, POSSIBLE))
    assert update(stacks, name, body(name, 30, POSSIBLE))["StackStatus"] == "UPDATE_COMPLETE"
    assert statuses(stacks, name)["Broken"] == "CREATE_COMPLETE"
    assert stacks.update(name, body(name, 60))["StackStatus"] == "UPDATE_COMPLETE"


def test_a_failed_creation_is_deleted_if_its_request_said_so(stacks: Stacks, name: str) -> None:
    stack = create(stacks, name, body(name, 30, IMPOSSIBLE), OnFailure="DELETE")
    assert stack["StackStatus"] == "DELETE_COMPLETE"
    assert not stacks.has_queue(name)


def test_two_failure_options_are_one_too_many(stacks: Stacks, name: str) -> None:
    refused = "Either DisableRollback or OnFailure can be specified, not both"
    with pytest.raises(stacks.api.exceptions.ClientError, match=refused):
        create(stacks, name, body(name, 30), OnFailure="DELETE", DisableRollback=True)


def test_a_creation_that_was_left_is_rolled_back_to_nothing_or_deleted(
    stacks: Stacks, name: str
) -> None:
    create(stacks, name, body(name, 30, IMPOSSIBLE), DisableRollback=True)
    stacks.api.rollback_stack(StackName=name)
    assert stacks.settled(name)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert not stacks.has_queue(name)
    stacks.delete(name)
    create(stacks, name, body(name, 30, IMPOSSIBLE), DisableRollback=True)
    assert stacks.delete(name)["StackStatus"] == "DELETE_COMPLETE"
    assert not stacks.has_queue(name)


def test_an_update_that_was_left_goes_back_to_the_last_stable_state(
    stacks: Stacks, name: str
) -> None:
    create(stacks, name, body(name, 30))
    stack = update(stacks, name, body(name, 60, IMPOSSIBLE))
    assert stack["StackStatus"] == "UPDATE_FAILED"
    assert stacks.queue(name)["VisibilityTimeout"] == "60"
    with pytest.raises(stacks.api.exceptions.ClientError, match="use the rollback-stack API"):
        stacks.update(name, body(name, 60))
    again = update(stacks, name, body(name, 90, IMPOSSIBLE))  # the stable state is still the first
    assert again["StackStatus"] == "UPDATE_FAILED"
    stacks.api.rollback_stack(StackName=name)
    assert stacks.settled(name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.queue(name)["VisibilityTimeout"] == "30"
    assert not stacks.has_queue(f"{name}-new")
    assert statuses(stacks, name).keys() == {"Queue"}


def test_the_resource_that_failed_is_changed_back_and_the_rest_stays(
    stacks: Stacks, name: str
) -> None:
    task = {**POSSIBLE, "DependsOn": "Queue"}
    stacks.create(name, template({"Queue": queue(name), "Task": task}))
    before = stacks.physical_ids(name)
    bad = template({
        "Queue": queue(name, DelaySeconds=5), "Task": {**IMPOSSIBLE, "DependsOn": "Queue"},
    })  # fmt: skip
    assert update(stacks, name, bad)["StackStatus"] == "UPDATE_FAILED"
    assert statuses(stacks, name) == {"Queue": "UPDATE_COMPLETE", "Task": "UPDATE_FAILED"}
    assert stacks.physical_ids(name) == before
    assert update(stacks, name, bad)["StackStatus"] == "UPDATE_FAILED"  # a retry, unchanged


def test_a_change_set_may_be_executed_without_rollback(stacks: Stacks, name: str) -> None:
    create(stacks, name, body(name, 30))
    planned = stacks.change_set(name, body(name, 60, IMPOSSIBLE))
    stacks.api.execute_change_set(ChangeSetName=planned["ChangeSetId"], DisableRollback=True)
    assert stacks.settled(name)["StackStatus"] == "UPDATE_FAILED"
    better = stacks.change_set(name, body(name, 60, POSSIBLE))
    with pytest.raises(stacks.api.exceptions.ClientError, match="disable-rollback parameter"):
        stacks.api.execute_change_set(ChangeSetName=better["ChangeSetId"])
    stacks.api.execute_change_set(ChangeSetName=better["ChangeSetId"], DisableRollback=True)
    assert stacks.settled(name)["StackStatus"] == "UPDATE_COMPLETE"


def test_only_a_stack_that_was_left_is_rolled_back(stacks: Stacks, name: str) -> None:
    create(stacks, name, body(name, 30))
    refused = "is in CREATE_COMPLETE state and can not be rolled back"
    with pytest.raises(stacks.api.exceptions.ClientError, match=refused):
        stacks.api.rollback_stack(StackName=name)


def test_an_update_cleans_up_before_it_is_complete(stacks: Stacks, name: str) -> None:
    create(stacks, name, body(name, 30, POSSIBLE))
    stacks.update(name, body(name, 30))
    events = stacks.events(name)
    at = events.index(f"{name} UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    assert at < events.index("New DELETE_COMPLETE") < events.index(f"{name} UPDATE_COMPLETE")
    stacks.update(name, body(name, 60, IMPOSSIBLE))
    events = stacks.events(name)
    at = events.index(f"{name} UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
    assert "New DELETE_COMPLETE" in events[at:]
