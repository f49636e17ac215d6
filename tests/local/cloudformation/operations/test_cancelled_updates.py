"""CancelUpdateStack and ContinueUpdateRollback: rollbacks during an update and after a failure."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.cloudformation.operations.test_concurrency import service, services_settle_when
from tests.local.stacks import queue, template
from tests.waiting import until

if TYPE_CHECKING:
    from tests.local.stacks import Stacks


def test_a_cancelled_update_goes_back(stacks: Stacks, name: str, services_settle: None) -> None:
    stacks.create(name, service(name))
    before = stacks.physical_ids(name)
    is_waiting, may_settle = threading.Event(), threading.Event()

    def wait() -> None:
        is_waiting.set()
        may_settle.wait(30)

    services_settle_when(wait)
    changed = service(name, 60)
    changed["Resources"]["Task"]["Properties"]["ContainerDefinitions"][0]["Image"] = "y"
    stacks.api.update_stack(StackName=name, TemplateBody=json.dumps(changed))
    until("the service is updated", is_waiting.is_set)
    services_settle_when(lambda: None)
    stacks.api.cancel_update_stack(StackName=name)
    assert stacks.settled(name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    may_settle.set()
    assert "Service UPDATE_FAILED" in stacks.events(name)
    assert stacks.reason(name, "Service UPDATE_FAILED") == "Resource update cancelled"
    assert stacks.queue(name)["VisibilityTimeout"] == "30"
    assert stacks.physical_ids(name) == before
    assert stacks.update(name, service(name, 60))["StackStatus"] == "UPDATE_COMPLETE"


def test_only_an_update_in_progress_can_be_cancelled(stacks: Stacks, name: str) -> None:
    stacks.create(name, template({"Queue": queue(name)}))
    refused = "CancelUpdateStack cannot be called from current stack status$"
    with pytest.raises(stacks.api.exceptions.ClientError, match=refused):
        stacks.api.cancel_update_stack(StackName=name)


def fail_to_roll_back(stacks: Stacks, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Update a stack whose service never settles again; return the template and the stack."""
    stacks.create(name, service(name))

    def fail() -> None:
        raise RuntimeError("no image")

    services_settle_when(fail)
    changed = service(name, 60)
    changed["Resources"]["Task"]["Properties"]["ContainerDefinitions"][0]["Image"] = "y"
    return changed, stacks.update(name, changed)


def test_a_rollback_that_fails_is_continued(
    stacks: Stacks, name: str, services_settle: None
) -> None:
    changed, stuck = fail_to_roll_back(stacks, name)
    assert stuck["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    assert stuck["StackStatusReason"] == ("The following resource(s) failed to update: [Service].")
    with pytest.raises(stacks.api.exceptions.ClientError, match="can not be updated"):
        stacks.update(name, changed)
    services_settle_when(lambda: None)
    stacks.api.continue_update_rollback(StackName=name)
    assert stacks.settled(name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.queue(name)["VisibilityTimeout"] == "30"
    assert stacks.update(name, changed)["StackStatus"] == "UPDATE_COMPLETE"


def test_a_resource_of_a_failed_rollback_may_be_skipped(
    stacks: Stacks, name: str, services_settle: None
) -> None:
    fail_to_roll_back(stacks, name)
    stacks.api.continue_update_rollback(StackName=name)
    assert stacks.settled(name)["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    with pytest.raises(stacks.api.exceptions.ClientError, match=r"\[Queue\] are not in UPDATE_FA"):
        stacks.api.continue_update_rollback(StackName=name, ResourcesToSkip=["Queue"])
    stacks.api.continue_update_rollback(StackName=name, ResourcesToSkip=["Service"])
    assert stacks.settled(name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


def test_only_a_failed_rollback_can_be_continued(stacks: Stacks, name: str) -> None:
    stacks.create(name, template({"Queue": queue(name)}))
    refused = "cannot be called from current stack status"
    with pytest.raises(stacks.api.exceptions.ClientError, match=refused):
        stacks.api.continue_update_rollback(StackName=name)
