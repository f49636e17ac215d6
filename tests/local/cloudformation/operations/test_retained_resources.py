"""DeletionPolicy and UpdateReplacePolicy."""

from __future__ import annotations

import pytest

from tests.local.stacks import IMPOSSIBLE, Stacks, queue, template

KEEPING = ("Retain", "RetainExceptOnCreate")


@pytest.mark.parametrize("policy", KEEPING)
def test_a_retained_resource_outlives_its_stack(stacks: Stacks, name: str, policy: str) -> None:
    stacks.create(name, template({"Queue": queue(name, deletion_policy=policy)}))
    identifier = stacks.delete(name)["StackId"]
    assert "Queue DELETE_SKIPPED" in stacks.events(identifier)
    assert stacks.has_queue(name)


@pytest.mark.parametrize("policy", KEEPING)
def test_a_retained_resource_outlives_its_declaration(
    stacks: Stacks, name: str, policy: str
) -> None:
    other = queue(f"{name}-other")
    stacks.create(name, template({"Queue": queue(name, deletion_policy=policy), "Other": other}))
    stacks.update(name, template({"Other": other}))
    assert "Queue DELETE_SKIPPED" in stacks.events(name)
    assert stacks.has_queue(name)


@pytest.mark.parametrize(("policy", "is_kept"), [("Retain", True), ("RetainExceptOnCreate", False)])
def test_they_differ_where_a_creation_is_rolled_back(
    stacks: Stacks, name: str, policy: str, *, is_kept: bool
) -> None:
    kept = queue(name, deletion_policy=policy)
    body = template({"Queue": kept, "Broken": {**IMPOSSIBLE, "DependsOn": "Queue"}})
    assert stacks.create(name, body)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stacks.has_queue(name) is is_kept


@pytest.mark.parametrize(("policy", "is_kept"), [("Retain", True), ("Delete", False)])
def test_another_policy_decides_over_what_is_replaced(
    stacks: Stacks, name: str, policy: str, *, is_kept: bool
) -> None:
    stacks.create(name, template({"Queue": queue(f"{name}-old", replace_policy=policy)}))
    renamed = queue(f"{name}-new", replace_policy=policy)
    stack = stacks.update(name, template({"Queue": renamed}))
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert stacks.has_queue(f"{name}-new")
    assert stacks.has_queue(f"{name}-old") is is_kept
