"""What DescribeChangeSet tells of each change: replacement, scope and details.

The expected answers are those of AWS's own example change sets:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets-samples.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ops.local.cloudformation.changes.recreation import requires_recreation
from tests.local.cloudformation.changes.test_change_sets import service
from tests.local.stacks import Stacks, queue, template

if TYPE_CHECKING:
    from tests.local.stacks import Template


def changes_of(change_set: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = [each["ResourceChange"] for each in change_set["Changes"]]
    return {each["LogicalResourceId"]: each for each in found}


def brief(change: dict[str, Any]) -> list[tuple[str, ...]]:
    """Each detail as (name or attribute, recreation, evaluation, source, causing entity)."""
    return [
        (
            each["Target"].get("Name", each["Target"]["Attribute"]),
            each["Target"]["RequiresRecreation"],
            each["Evaluation"],
            each["ChangeSource"],
            each.get("CausingEntity", ""),
        )
        for each in change["Details"]
    ]


@pytest.mark.parametrize(
    ("type_name", "name", "recreation"),
    [
        ("AWS::SQS::Queue", "QueueName", "Always"),
        ("AWS::SQS::Queue", "DelaySeconds", "Never"),
        ("AWS::ECS::Service", "LaunchType", "Conditionally"),
        ("AWS::ECS::TaskDefinition", "ContainerDefinitions", "Always"),
        ("AWS::ElasticLoadBalancingV2::TargetGroup", "Port", "Always"),
        ("Custom::EnvControllerFunction", "Workload", "Never"),
        ("AWS::Nobody::Knows", "It", "Conditionally"),
    ],
)
def test_aws_resource_schemas_say_what_is_replaced(
    type_name: str, name: str, recreation: str
) -> None:
    assert requires_recreation(type_name, name) == recreation


def test_a_written_value_is_a_static_change(stacks: Stacks, name: str) -> None:
    stacks.create(name, template({"Queue": queue(name)}))
    planned = stacks.change_set(name, template({"Queue": queue(name, DelaySeconds=5)}))
    [change] = changes_of(planned).values()
    assert (change["Replacement"], change["Scope"]) == ("False", ["Properties"])
    assert "PolicyAction" not in change
    assert brief(change) == [("DelaySeconds", "Never", "Static", "DirectModification", "")]


def test_a_parameter_is_named_as_the_cause(stacks: Stacks, name: str) -> None:
    body = template(
        {"Queue": queue({"Ref": "Name"}, Tags=[{"Key": "for", "Value": {"Ref": "Purpose"}}])},
        Parameters={"Name": {"Type": "String"}, "Purpose": {"Type": "String"}},
    )
    stacks.create(name, body, {"Name": name, "Purpose": "test"})
    of_tags = changes_of(stacks.change_set(name, body, {"Name": name, "Purpose": "real"}))["Queue"]
    assert (of_tags["Replacement"], of_tags["Scope"]) == ("False", ["Tags"])
    assert brief(of_tags) == [
        ("Tags", "Never", "Dynamic", "DirectModification", ""),
        ("Tags", "Never", "Static", "ParameterReference", "Purpose"),
    ]
    new_name = {"Name": f"{name}-2", "Purpose": "test"}
    of_name = changes_of(stacks.change_set(name, body, new_name))["Queue"]
    assert (of_name["Replacement"], of_name["PolicyAction"]) == ("True", "ReplaceAndDelete")
    assert brief(of_name)[1] == (
        "QueueName", "Always", "Static", "ParameterReference", "Name",
    )  # fmt: skip


def test_each_release_replaces_the_task_definition_and_updates_the_service(
    stacks: Stacks, name: str
) -> None:
    stacks.create(name, service(name, "web:1"))
    planned = changes_of(stacks.change_set(name, service(name, "web:2")))
    assert planned["Task"]["Replacement"] == "True"
    assert planned["Service"]["Replacement"] == "False"
    assert brief(planned["Service"]) == [
        ("TaskDefinition", "Never", "Static", "ResourceReference", "Task"),
    ]  # fmt: skip
    assert planned.keys() == {"Task", "Service"}


def test_an_attribute_of_a_changed_resource_is_dynamic_and_its_id_is_not_a_change(
    stacks: Stacks, name: str
) -> None:
    def body(seconds: int) -> Template:
        redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 5}
        tag = {"Key": "of", "Value": {"Ref": "Dead"}}
        return template({
            "Dead": queue(f"{name}-dead", DelaySeconds=seconds),
            "Queue": queue(name, RedrivePolicy=redrive),
            "Other": queue(f"{name}-other", Tags=[tag]),
        })  # fmt: skip

    stacks.create(name, body(5))
    planned = changes_of(stacks.change_set(name, body(6)))
    assert planned.keys() == {"Dead", "Queue"}
    assert brief(planned["Queue"]) == [
        ("RedrivePolicy", "Never", "Dynamic", "ResourceAttribute", "Dead.Arn"),
    ]  # fmt: skip
    assert planned["Queue"]["Replacement"] == "False"


def test_a_removal_says_what_becomes_of_the_resource(stacks: Stacks, name: str) -> None:
    kept = queue(f"{name}-kept", deletion_policy="Retain")
    stacks.create(name, template({"Queue": queue(name), "Kept": kept, "Gone": queue(f"{name}-g")}))
    planned = changes_of(stacks.change_set(name, template({"Queue": queue(name)})))
    assert {each: planned[each]["PolicyAction"] for each in planned} == {
        "Kept": "Retain", "Gone": "Delete",
    }  # fmt: skip
    assert planned["Gone"]["Details"] == []


def test_metadata_is_a_scope_of_its_own(stacks: Stacks, name: str) -> None:
    stacks.create(name, template({"Queue": queue(name)}))
    described = template({"Queue": {**queue(name), "Metadata": {"why": "donations"}}})
    change = changes_of(stacks.change_set(name, described))["Queue"]
    assert (change["Scope"], change["Replacement"]) == (["Metadata"], "False")
    assert stacks.update(name, described)["StackStatus"] == "UPDATE_COMPLETE"
    with pytest.raises(stacks.api.exceptions.ClientError, match="No updates are to be performed"):
        stacks.update(name, described)


def test_a_change_set_updates_by_default_with_previous_values_and_tags(
    stacks: Stacks, name: str
) -> None:
    body = template({"Queue": queue({"Ref": "Name"})}, Parameters={"Name": {"Type": "String"}})
    stacks.create(name, body, {"Name": name}, {"team": "giving"})
    planned = stacks.api.create_change_set(
        StackName=name,
        ChangeSetName="same",
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Name", "UsePreviousValue": True}],
    )
    described = stacks.api.describe_change_set(ChangeSetName=planned["Id"])
    assert (described["Status"], described["Changes"]) == ("FAILED", [])
    assert described["Tags"] == [{"Key": "team", "Value": "giving"}]
