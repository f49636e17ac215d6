"""Change sets: their predictions, and their execution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.local.stacks import Stacks, outputs, queue, template

if TYPE_CHECKING:
    from tests.local.stacks import Template


def listed(change_set: dict[str, Any]) -> dict[str, str]:
    changes = [each["ResourceChange"] for each in change_set["Changes"]]
    return {each["LogicalResourceId"]: each["Action"] for each in changes}


def service(name: str, image: str) -> Template:
    """Return a service in which only the task definition changes."""
    main = {"Name": "main", "Image": image, "Memory": 128}
    task = {"Family": name, "ContainerDefinitions": [main]}
    of_service = {"ServiceName": name, "Cluster": {"Ref": "Cluster"}, "DesiredCount": 0}
    return template(
        {
            "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": name}},
            "Service": {
                "Type": "AWS::ECS::Service",
                "Properties": {**of_service, "TaskDefinition": {"Ref": "Task"}},
            },
            "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": task},
        }
    )


def test_a_new_stack_is_under_review_until_its_change_set_is_executed(
    stacks: Stacks, name: str
) -> None:
    body = template({"Queue": queue(name)}, Parameters={"P": {"Type": "String"}})
    planned = stacks.change_set(name, body, {"P": "x"}, {"team": "giving"}, kind="CREATE")
    assert listed(planned) == {"Queue": "Add"}
    assert (planned["Status"], planned["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert stacks.described(name)["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert not stacks.has_queue(name)
    stacks.api.execute_change_set(ChangeSetName=planned["ChangeSetId"])
    stack = stacks.settled(name)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["Tags"] == [{"Key": "team", "Value": "giving"}]
    assert stacks.has_queue(name)


def test_nothing_to_change_fails_in_awss_words(stacks: Stacks, name: str) -> None:
    body = template({"Queue": queue(name)})
    stacks.create(name, body, tags={"team": "giving"})
    planned = stacks.change_set(name, body, tags={"team": "giving"})
    assert (planned["Status"], planned["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert planned["StatusReason"] == (
        "The submitted information didn't contain changes. "
        "Submit different information to create a change set."
    )
    assert planned["Changes"] == []
    with pytest.raises(stacks.api.exceptions.ClientError, match=r"current status of \[FAILED\]"):
        stacks.api.execute_change_set(ChangeSetName=planned["ChangeSetId"])
    stacks.api.delete_change_set(ChangeSetName=planned["ChangeSetId"])
    with pytest.raises(stacks.api.exceptions.ClientError, match="does not exist"):
        stacks.api.describe_change_set(ChangeSetName=planned["ChangeSetId"])


def test_changes_are_listed_by_what_they_do(stacks: Stacks, name: str) -> None:
    old = {"Same": queue(f"{name}-s"), "Changed": queue(f"{name}-c"), "Gone": queue(f"{name}-g")}
    stacks.create(name, template(old))
    new = {**old, "Changed": queue(f"{name}-c", DelaySeconds=5), "New": queue(f"{name}-n")}
    del new["Gone"]
    planned = stacks.change_set(name, template(new))
    assert listed(planned) == {"Changed": "Modify", "New": "Add", "Gone": "Remove"}


def test_a_service_changes_with_its_task_definition(stacks: Stacks, name: str) -> None:
    stacks.create(name, service(name, "web:1"))
    planned = stacks.change_set(name, service(name, "web:2"))
    assert listed(planned) == {"Task": "Modify", "Service": "Modify"}


def test_tags_alone_are_a_change(stacks: Stacks, name: str) -> None:
    body = template({"Queue": queue(name)})
    stacks.create(name, body, tags={"team": "giving"})
    assert listed(stacks.change_set(name, body, tags={"team": "x"})) == {"Queue": "Modify"}


def test_an_output_alone_is_a_change(stacks: Stacks, name: str) -> None:
    stacks.create(name, template({"Queue": queue(name)}))
    more = template({"Queue": queue(name)}, Outputs={"New": {"Value": "x"}})
    planned = stacks.change_set(name, more)
    assert (listed(planned), planned["ExecutionStatus"]) == ({}, "AVAILABLE")
    stacks.api.execute_change_set(ChangeSetName=planned["ChangeSetId"])
    assert outputs(stacks.settled(name)) == {"New": "x"}


def test_a_missing_export_is_told_beforehand(stacks: Stacks, name: str) -> None:
    imported = queue({"Fn::ImportValue": f"{name}-missing"})
    planned = stacks.change_set(name, template({"Queue": imported}), kind="CREATE")
    assert planned["Status"] == "FAILED"
    assert planned["StatusReason"] == f"No export named {name}-missing found"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (template({}), "At least one Resources member"),
        (template({"Q": queue("q", Tags=[{"Ref": "Nope"}])}),
         r"Unresolved resource dependencies \[Nope\] in the Resources block"),
        (template({"Q": queue("q")}, Outputs={"O": {"Value": {"Fn::Sub": "${Nope.Arn}"}}}),
         r"Unresolved resource dependencies \[Nope\] in the Outputs block"),
        (template({"Q": queue("q")}, Parameters={"P": {"Type": "String"}}),
         r"Parameters: \[P\] must have values"),
    ],
)  # fmt: skip
def test_a_wrong_template_is_refused_at_once_by_every_way_in(
    stacks: Stacks, name: str, body: Template, reason: str
) -> None:
    with pytest.raises(stacks.api.exceptions.ClientError, match=reason):
        stacks.change_set(name, body, kind="CREATE")
    with pytest.raises(stacks.api.exceptions.ClientError, match=reason):
        stacks.create(name, body)
    stacks.create(name, template({"Queue": queue(name)}))
    with pytest.raises(stacks.api.exceptions.ClientError, match=reason):
        stacks.update(name, body)


def test_a_circle_fails_the_change_set(stacks: Stacks, name: str) -> None:
    one = queue("one", KmsMasterKeyId={"Ref": "Two"})
    two = {**queue("two"), "DependsOn": "One"}
    planned = stacks.change_set(name, template({"One": one, "Two": two}), kind="CREATE")
    assert planned["StatusReason"] == "Circular dependency between resources: [One, Two]"
