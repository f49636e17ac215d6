"""Stack sets, in which Copilot keeps what an application's environments share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from botocore.parsers import ResponseParserError

from tests.local.stacks import ACCOUNT, IMPOSSIBLE, REGION, Template, queue, template

if TYPE_CHECKING:
    from collections.abc import Callable


def body(name: str, *queues: str, **more: Template) -> str:
    made = {each: queue(f"{name}-{each}") for each in queues}
    return json.dumps(template({**made, **more}, Metadata={"Version": "v1"}))


def create(api: Any, name: str, text: str) -> None:  # noqa: ANN401 - a boto3 client
    api.create_stack_set(StackSetName=name, TemplateBody=text, Tags=[{"Key": "a", "Value": "b"}])
    api.create_stack_instances(StackSetName=name, Accounts=[ACCOUNT], Regions=[REGION])


def instance(api: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 - a boto3 client
    found = api.describe_stack_instance(
        StackSetName=name, StackInstanceAccount=ACCOUNT, StackInstanceRegion=REGION
    )
    return dict(found["StackInstance"])


def update(api: Any, name: str, text: str) -> str:  # noqa: ANN401 - a boto3 client
    """Update a stack set, and return the operation's status."""
    made = api.update_stack_set(StackSetName=name, TemplateBody=text, OperationId="given")
    assert made["OperationId"]
    found = api.describe_stack_set_operation(StackSetName=name, OperationId=made["OperationId"])
    return str(found["StackSetOperation"]["Status"])


def resources(api: Any, name: str) -> set[str]:  # noqa: ANN401 - a boto3 client
    pages = api.get_paginator("describe_stacks").paginate()
    stacks = [stack for page in pages for stack in page["Stacks"]]
    (stack,) = [each["StackName"] for each in stacks if f"-{name}" in f"-{each['StackName']}"
                or f":{name}" in each["StackName"]]  # fmt: skip
    found = api.describe_stack_resources(StackName=stack)["StackResources"]
    return {each["LogicalResourceId"] for each in found}


def test_moto_still_leaves_instances_as_they_were(moto: Callable[[str], Any], name: str) -> None:
    api = moto("cloudformation")
    create(api, name, body(name, "one"))
    assert update(api, name, body(name, "one", "two")) == "SUCCEEDED"
    assert resources(api, name) == {"one"}


def test_moto_still_tells_an_instance_another_stack_than_it_has(
    moto: Callable[[str], Any], name: str
) -> None:
    api = moto("cloudformation")
    create(api, name, body(name, "one"))
    with pytest.raises(api.exceptions.ClientError, match="does not exist"):
        api.describe_stacks(StackName=instance(api, name)["StackId"])


def test_moto_still_summarises_no_stack_set(moto: Callable[[str], Any], name: str) -> None:
    api = moto("cloudformation")
    create(api, name, body(name, "one"))
    with pytest.raises(ResponseParserError, match="500 Internal Server Error"):
        api.get_template_summary(StackSetName=name)


def test_instances_follow_their_set(embedded: Callable[[str], Any], name: str) -> None:
    api = embedded("cloudformation")
    create(api, name, body(name, "one"))
    stack_id = instance(api, name)["StackId"]
    (stack,) = api.describe_stacks(StackName=stack_id)["Stacks"]
    assert stack["StackName"].startswith(f"StackSet-{name}-")
    assert stack["Tags"] == [{"Key": "a", "Value": "b"}]
    assert update(api, name, body(name, "one", "two")) == "SUCCEEDED"
    assert resources(api, name) == {"one", "two"}
    assert instance(api, name)["StackId"] == stack_id
    assert update(api, name, body(name, "one", "two")) == "SUCCEEDED"


def test_an_instance_that_cannot_follow_is_told(embedded: Callable[[str], Any], name: str) -> None:
    api = embedded("cloudformation")
    create(api, name, body(name, "one"))
    assert update(api, name, body(name, "one", Broken=IMPOSSIBLE)) == "FAILED"
    told = instance(api, name)
    assert told["Status"] == "OUTDATED"
    assert "No Fargate configuration exists" in told["StatusReason"]


def test_a_set_can_be_taken_down(embedded: Callable[[str], Any], name: str) -> None:
    api = embedded("cloudformation")
    create(api, name, body(name, "one"))
    stack_id = instance(api, name)["StackId"]
    api.delete_stack_instances(
        StackSetName=name, Accounts=[ACCOUNT], Regions=[REGION], RetainStacks=False
    )
    (stack,) = api.describe_stacks(StackName=stack_id)["Stacks"]
    assert stack["StackStatus"] == "DELETE_COMPLETE"
    api.delete_stack_set(StackSetName=name)
    with pytest.raises(api.exceptions.StackSetNotFoundException):
        api.describe_stack_set(StackSetName=name)


def test_a_stack_under_review_has_no_summary(embedded: Callable[[str], Any], name: str) -> None:
    api = embedded("cloudformation")
    api.create_change_set(
        StackName=name, ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=body(name, "one")
    )
    with pytest.raises(api.exceptions.ClientError, match="called on REVIEW_IN_PROGRESS stacks"):
        api.get_template_summary(StackName=name)


@pytest.mark.parametrize("by", ["StackSetName", "StackName", "TemplateBody"])
def test_a_summary_tells_metadata_as_text_and_parameters(
    embedded: Callable[[str], Any], name: str, by: str
) -> None:
    api = embedded("cloudformation")
    text = json.dumps(
        template(
            {"Queue": queue(name)},
            Metadata={"Version": "v1"},
            Parameters={"P": {"Type": "String", "Default": "x", "AllowedValues": ["x", "y"]}},
        )
    )
    if by == "StackSetName":
        api.create_stack_set(StackSetName=name, TemplateBody=text)
    elif by == "StackName":
        api.create_stack(StackName=name, TemplateBody=text)
    summary = api.get_template_summary(**{by: text if by == "TemplateBody" else name})
    assert json.loads(summary["Metadata"]) == {"Version": "v1"}
    assert summary["ResourceTypes"] == ["AWS::SQS::Queue"]
    (parameter,) = summary["Parameters"]
    assert (parameter["ParameterKey"], parameter["DefaultValue"]) == ("P", "x")
    assert parameter["ParameterConstraints"]["AllowedValues"] == ["x", "y"]


def test_the_metadata_of_a_summary_are_yaml_with_any_character(
    embedded: Callable[[str], Any], name: str
) -> None:
    """Copilot reads them as YAML, in which two surrogates of `\\u` are no character."""
    text = json.dumps(template({"Queue": queue(name)}, Metadata={"Manifest": "# 🌐 Ports"}))
    summary = embedded("cloudformation").get_template_summary(TemplateBody=text)
    assert yaml.safe_load(summary["Metadata"]) == {"Manifest": "# 🌐 Ports"}
