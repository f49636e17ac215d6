"""Stacks are created, changed, rolled back and deleted as a whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.local.stacks import IMPOSSIBLE, Stacks, outputs, queue, template

if TYPE_CHECKING:
    from tests.local.stacks import Template

IMPOSSIBLE_REASON = "No Fargate configuration exists for given values: 256 CPU, 4096 memory"


def queue_and(name: str, **resources: Template) -> Template:
    return template({"Queue": queue(name), **resources})


def test_a_new_stack_tells_what_it_was_made_of_and_made(stacks: Stacks, name: str) -> None:
    body = template(
        {"Queue": queue({"Fn::Sub": "${App}-queue"})},
        Description="A queue",
        Parameters={"App": {"Type": "String"}, "Secret": {"Type": "String", "NoEcho": True}},
        Conditions={"Never": {"Fn::Equals": ["a", "b"]}},
        Outputs={
            "Url": {"Value": {"Ref": "Queue"}, "Description": "Where it is"},
            "Arn": {"Value": {"Fn::GetAtt": ["Queue", "Arn"]}, "Export": {"Name": f"{name}-Arn"}},
            "Truth": {"Value": True},
            "Absent": {"Value": "x", "Condition": "Never"},
        },
    )
    stack = stacks.create(name, body, {"App": name, "Secret": "s3cret"}, {"team": "giving"})
    assert (stack["StackStatus"], stack["Description"]) == ("CREATE_COMPLETE", "A queue")
    given = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    assert given == {"App": name, "Secret": "****"}
    assert stack["Tags"] == [{"Key": "team", "Value": "giving"}]
    made = outputs(stack)
    assert made.keys() == {"Url", "Arn", "Truth"}
    assert made["Url"].endswith(f"/{name}-queue")
    assert made["Arn"].endswith(f":{name}-queue")
    assert made["Truth"] == "true"
    assert stacks.events(name) == [
        f"{name} CREATE_IN_PROGRESS",
        "Queue CREATE_IN_PROGRESS",
        "Queue CREATE_COMPLETE",
        f"{name} CREATE_COMPLETE",
    ]


def test_stack_tags_reach_resources_whose_own_tags_win(stacks: Stacks, name: str) -> None:
    own = [{"Key": "team", "Value": "queues"}]
    stacks.create(name, template({"Queue": queue(name, Tags=own)}), tags={"team": "x", "env": "y"})
    client = stacks.client("sqs")
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    assert client.list_queue_tags(QueueUrl=url)["Tags"] == {"team": "queues", "env": "y"}


def test_a_change_is_made_in_place_where_the_resource_can(stacks: Stacks, name: str) -> None:
    stacks.create(name, template({"Queue": queue(name, VisibilityTimeout=30)}))
    before = stacks.physical_ids(name)
    stack = stacks.update(name, template({"Queue": queue(name, VisibilityTimeout=60)}))
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert stack["LastUpdatedTime"] >= stack["CreationTime"]
    assert stacks.physical_ids(name) == before
    assert stacks.queue(name)["VisibilityTimeout"] == "60"


def test_a_replaced_resource_is_cleaned_up_after_the_rest(stacks: Stacks, name: str) -> None:
    def policy(group: str) -> Template:
        follows = {"Ref": "Group"}
        named = {"AlarmName": f"{name}-alarm", "AlarmDescription": follows}
        metric = {"Namespace": "n", "MetricName": "m", "Period": 60, "EvaluationPeriods": 1}
        limits = {"Threshold": 1, "ComparisonOperator": "GreaterThanThreshold", "Statistic": "Sum"}
        alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {**named, **metric, **limits}}
        named_group = {"Type": "AWS::IAM::Role", "Properties": {
            "RoleName": group, "AssumeRolePolicyDocument": {"Statement": []},
        }}  # fmt: skip
        return template({"Group": named_group, "Alarm": alarm})

    stacks.create(name, policy(f"{name}-old"))
    stacks.update(name, policy(f"{name}-new"))
    assert stacks.physical_ids(name)["Group"] == f"{name}-new"
    events = stacks.events(name)
    assert events.index("Alarm UPDATE_COMPLETE") < events.index("Group DELETE_IN_PROGRESS")
    iam = stacks.client("iam")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName=f"{name}-old")


def test_a_resource_keeps_its_type(stacks: Stacks, name: str) -> None:
    stacks.create(name, queue_and(name))
    topic = template({"Queue": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}}})
    refused = r"modifies resource type of the following resources: \[Queue\]"
    for change in (stacks.update, stacks.change_set):
        with pytest.raises(stacks.api.exceptions.ClientError, match=refused):
            change(name, topic)


def test_what_the_template_no_longer_has_is_removed(stacks: Stacks, name: str) -> None:
    stacks.create(name, queue_and(name, Other=queue(f"{name}-other")))
    stacks.update(name, queue_and(name))
    assert stacks.physical_ids(name).keys() == {"Queue"}
    assert not stacks.has_queue(f"{name}-other")


def test_a_condition_that_flips_makes_and_removes(stacks: Stacks, name: str) -> None:
    body = template(
        {"Queue": queue(name), "Maybe": {**queue(f"{name}-maybe"), "Condition": "Wanted"}},
        Parameters={"Wanted": {"Type": "String", "Default": "no"}},
        Conditions={"Wanted": {"Fn::Equals": [{"Ref": "Wanted"}, "yes"]}},
        Outputs={"Maybe": {"Condition": "Wanted", "Value": {"Ref": "Maybe"}}},
    )
    stacks.create(name, body)
    assert not stacks.has_queue(f"{name}-maybe")
    assert "Maybe" in outputs(stacks.update(name, body, {"Wanted": "yes"}))
    assert stacks.has_queue(f"{name}-maybe")
    assert "Maybe" not in outputs(stacks.update(name, body, {"Wanted": "no"}))
    assert not stacks.has_queue(f"{name}-maybe")


def test_a_creation_that_fails_leaves_nothing_but_its_reason(stacks: Stacks, name: str) -> None:
    body = queue_and(name, Broken={**IMPOSSIBLE, "DependsOn": "Queue"})
    stack = stacks.create(name, body, tags={"team": "giving"})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stack["Tags"] == [{"Key": "team", "Value": "giving"}]
    assert IMPOSSIBLE_REASON in stacks.reason(name, "Broken CREATE_FAILED")
    assert IMPOSSIBLE_REASON in stack["StackStatusReason"]
    assert stacks.events(name)[-2:] == ["Queue DELETE_COMPLETE", f"{name} ROLLBACK_COMPLETE"]
    assert not stacks.has_queue(name)
    assert stacks.physical_ids(name) == {}


def test_a_stack_that_was_never_created_can_only_be_deleted(stacks: Stacks, name: str) -> None:
    stacks.create(name, template({"Broken": IMPOSSIBLE}))
    with pytest.raises(stacks.api.exceptions.ClientError, match="ROLLBACK_COMPLETE state and can"):
        stacks.update(name, queue_and(name))
    assert stacks.delete(name)["StackStatus"] == "DELETE_COMPLETE"
    assert stacks.create(name, queue_and(name))["StackStatus"] == "CREATE_COMPLETE"


def test_an_update_that_fails_brings_everything_back(stacks: Stacks, name: str) -> None:
    def body(seconds: int, **more: Template) -> Template:
        export = {"Value": f"{seconds}", "Export": {"Name": f"{name}-seconds"}}
        return template(
            {"Queue": queue(name, VisibilityTimeout=seconds), **more},
            Parameters={"Release": {"Type": "String"}},
            Outputs={"Seconds": export},
        )

    before = stacks.create(name, body(30), {"Release": "one"}, {"release": "one"})
    broken = body(60, New=queue(f"{name}-new"), Broken={**IMPOSSIBLE, "DependsOn": "New"})
    after = stacks.update(name, broken, {"Release": "two"}, {"release": "two"})
    assert after["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert IMPOSSIBLE_REASON in after["StackStatusReason"]
    for kept in ("Outputs", "Parameters", "Tags"):
        assert after[kept] == before[kept]
    assert stacks.queue(name)["VisibilityTimeout"] == "30"
    assert not stacks.has_queue(f"{name}-new")
    assert stacks.physical_ids(name).keys() == {"Queue"}
    exports = stacks.api.list_exports()["Exports"]
    assert [each["Value"] for each in exports if each["Name"] == f"{name}-seconds"] == ["30"]
    again = stacks.update(name, body(90), {"Release": "three"})
    assert again["StackStatus"] == "UPDATE_COMPLETE"


def test_a_fault_in_the_middle_ends_the_operation_all_the_same(stacks: Stacks, name: str) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name}}
    stack = stacks.create(name, template({"Role": role}))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "AssumeRolePolicyDocument" in stacks.reason(name, "Role CREATE_FAILED")


def test_a_deleted_stack_is_found_by_its_id_alone(stacks: Stacks, name: str) -> None:
    identifier = stacks.create(name, queue_and(name))["StackId"]
    deleted = stacks.delete(name)
    assert deleted["StackStatus"] == "DELETE_COMPLETE"
    assert deleted["DeletionTime"] >= deleted["CreationTime"]
    assert not stacks.has_queue(name)
    assert stacks.described(identifier)["StackStatus"] == "DELETE_COMPLETE"
    with pytest.raises(stacks.api.exceptions.ClientError, match=f"{name} does not exist"):
        stacks.described(name)
    stacks.api.delete_stack(StackName=name)  # as on AWS, no error


def test_a_type_that_nobody_has_is_kept_on_record(stacks: Stacks, name: str) -> None:
    thing = {"Type": "AWS::Budgets::Budget", "Properties": {"Limit": 3}}
    stack = stacks.create(
        name, template({"It": thing}, Outputs={"Limit": {"Value": {"Fn::GetAtt": "It.Limit"}}})
    )
    assert outputs(stack) == {"Limit": "3"}


def test_a_queue_takes_every_change_of_its_attributes_and_tags(stacks: Stacks, name: str) -> None:
    dead = queue(f"{name}-dlq")
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": "Dead.Arn"}, "maxReceiveCount": 5}
    first = queue(name, RedrivePolicy=redrive, MessageRetentionPeriod=60, SqsManagedSseEnabled=True)
    stacks.create(name, template({"Queue": first, "Dead": dead}), tags={"a": "1", "b": "2"})
    made = stacks.queue(name)
    assert json.loads(made["RedrivePolicy"])["maxReceiveCount"] == 5
    assert (made["MessageRetentionPeriod"], made["SqsManagedSseEnabled"]) == ("60", "true")
    stacks.update(name, template({"Queue": queue(name, DelaySeconds=5), "Dead": dead}),
                  tags={"b": "3"})  # fmt: skip
    changed = stacks.queue(name)
    assert "RedrivePolicy" not in changed
    assert (changed["MessageRetentionPeriod"], changed["DelaySeconds"]) == ("345600", "5")
    client = stacks.client("sqs")
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    assert client.list_queue_tags(QueueUrl=url)["Tags"] == {"b": "3"}
