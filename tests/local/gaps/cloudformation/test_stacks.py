"""Stacks by change sets, as Copilot makes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.local.stacks import queue, template
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable


def deployed(client: Callable[[str], Any], name: str) -> dict[str, Any]:
    """Return a stack of a queue, created by a change set."""
    api = client("cloudformation")
    body = template(
        {"Queue": queue(f"{name}-queue")},
        Parameters={"P": {"Type": "String"}},
        Outputs={"Url": {"Value": {"Ref": "Queue"}, "Export": {"Name": f"{name}-url"}}},
    )
    planned = api.create_change_set(
        StackName=name,
        ChangeSetName="changes",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps(body),
        Parameters=[{"ParameterKey": "P", "ParameterValue": "given"}],
        Tags=[{"Key": "team", "Value": "giving"}],
    )
    api.execute_change_set(ChangeSetName=planned["Id"])

    def look() -> dict[str, Any] | None:
        (stack,) = api.describe_stacks(StackName=name)["Stacks"]
        return stack if stack["StackStatus"] == "CREATE_COMPLETE" else None

    return until("the stack is made", look) or {}


def events(client: Callable[[str], Any], name: str) -> set[str]:
    found = client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return {each["LogicalResourceId"] for each in found}


def exports(client: Callable[[str], Any]) -> list[str]:
    return [each["Name"] for each in client("cloudformation").list_exports()["Exports"]]


def test_moto_still_lacks_outputs_exports_and_events_of_change_sets(
    moto: Callable[[str], Any], name: str
) -> None:
    assert deployed(moto, name).get("Outputs", []) == []
    assert f"{name}-url" not in exports(moto)
    assert events(moto, name) == {name}


def test_a_change_set_makes_outputs_exports_and_events(
    embedded: Callable[[str], Any], name: str
) -> None:
    assert [each["OutputKey"] for each in deployed(embedded, name)["Outputs"]] == ["Url"]
    assert f"{name}-url" in exports(embedded)
    assert events(embedded, name) == {name, "Queue"}
