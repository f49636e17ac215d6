"""Nested stacks: how Copilot deploys addons."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.local.stacks import IMPOSSIBLE, REGION, Stacks, outputs, queue, template

if TYPE_CHECKING:
    from tests.local.stacks import Template


@pytest.fixture
def bucket(stacks: Stacks, name: str) -> str:
    stacks.client("s3").create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    return name


def put(stacks: Stacks, bucket: str, key: str, body: Template) -> str:
    """Upload a template, and return its URL."""
    stacks.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(body))
    return f"https://{bucket}.s3.{REGION}.amazonaws.com/{key}"


def addon(name: str, **more: Template) -> Template:
    return template(
        {"Queue": queue({"Fn::Sub": f"{name}-${{Env}}"}), **more},
        Parameters={"Env": {"Type": "String"}},
        Outputs={"Url": {"Value": {"Ref": "Queue"}}},
    )


def parent(url: str, **more: Template) -> Template:
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": url, "Parameters": {"Env": "prod"}},
    }
    return template(
        {"Addons": nested, **more},
        Outputs={"Url": {"Value": {"Fn::GetAtt": ["Addons", "Outputs.Url"]}}},
    )


def test_a_nested_stack_gives_outputs_and_takes_tags(stacks: Stacks, bucket: str) -> None:
    url = put(stacks, bucket, "addon.json", addon(bucket))
    stack = stacks.create(bucket, parent(url), tags={"team": "giving"})
    assert outputs(stack)["Url"].endswith(f"/{bucket}-prod")
    nested = stacks.described(stacks.physical_ids(bucket)["Addons"])
    assert nested["ParentId"] == nested["RootId"] == stack["StackId"]
    assert nested["StackName"].startswith(f"{bucket}-Addons-")
    client = stacks.client("sqs")
    queue_url = client.get_queue_url(QueueName=f"{bucket}-prod")["QueueUrl"]
    assert client.list_queue_tags(QueueUrl=queue_url)["Tags"] == {"team": "giving"}


def test_a_nested_stack_is_updated_in_place_and_goes_with_its_parent(
    stacks: Stacks, bucket: str
) -> None:
    stacks.create(bucket, parent(put(stacks, bucket, "1.json", addon(bucket))))
    before = stacks.physical_ids(bucket)["Addons"]
    more = addon(bucket, More=queue(f"{bucket}-more"))
    stacks.update(bucket, parent(put(stacks, bucket, "2.json", more)))
    assert stacks.physical_ids(bucket)["Addons"] == before
    assert stacks.has_queue(f"{bucket}-more")
    stacks.delete(bucket)
    assert not stacks.has_queue(f"{bucket}-more")
    assert stacks.described(before)["StackStatus"] == "DELETE_COMPLETE"


def test_a_nested_stack_that_cannot_be_created_fails_its_parent_and_goes(
    stacks: Stacks, bucket: str
) -> None:
    url = put(stacks, bucket, "addon.json", addon(bucket, Broken=IMPOSSIBLE))
    stack = stacks.create(bucket, parent(url))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    reason = stacks.reason(bucket, "Addons CREATE_FAILED")
    assert "was not successfully created" in reason
    assert "No Fargate configuration exists" in reason
    left = stacks.api.describe_stacks()["Stacks"]
    assert not [each for each in left if each["StackName"].startswith(f"{bucket}-Addons")]


def test_a_nested_stack_is_rolled_back_with_its_parent(stacks: Stacks, bucket: str) -> None:
    first = parent(put(stacks, bucket, "1.json", addon(bucket)))
    stacks.create(bucket, first)
    more = put(stacks, bucket, "2.json", addon(bucket, More=queue(f"{bucket}-more")))
    broken = {**IMPOSSIBLE, "DependsOn": "Addons"}
    assert stacks.update(bucket, parent(more, Broken=broken))["StackStatus"] == (
        "UPDATE_ROLLBACK_COMPLETE"
    )
    assert not stacks.has_queue(f"{bucket}-more")
    assert stacks.has_queue(f"{bucket}-prod")


def test_a_nested_stack_that_cannot_be_updated_says_so(stacks: Stacks, bucket: str) -> None:
    stacks.create(bucket, parent(put(stacks, bucket, "1.json", addon(bucket))))
    broken = put(stacks, bucket, "2.json", addon(bucket, Broken=IMPOSSIBLE))
    stacks.update(bucket, parent(broken))
    assert "was not successfully updated" in stacks.reason(bucket, "Addons UPDATE_FAILED")


def test_an_output_that_the_nested_stack_has_not_is_an_error(stacks: Stacks, bucket: str) -> None:
    body = addon(bucket)
    del body["Outputs"]
    stack = stacks.create(bucket, parent(put(stacks, bucket, "addon.json", body)))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "has no output Outputs.Url" in stack["StackStatusReason"]
