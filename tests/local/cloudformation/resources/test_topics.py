"""SNS topics of stacks: the stack's tags, by which Copilot finds them, and their subscriptions."""

from __future__ import annotations

import json
from typing import Any

from tests.local.stacks import ACCOUNT, REGION, Stacks, queue, template

TAGS = {"copilot-application": "shop", "copilot-service": "front"}


def topic(name: str, **properties: Any) -> dict[str, Any]:  # noqa: ANN401  # a template's
    return {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name, **properties}}


def tags_of(stacks: Stacks, arn: str) -> dict[str, str]:
    listed = stacks.client("sns").list_tags_for_resource(ResourceArn=arn)["Tags"]
    return {each["Key"]: each["Value"] for each in listed}


def test_a_topic_has_the_tags_of_its_stack(stacks: Stacks, name: str) -> None:
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"
    stacks.create(name, template({"Topic": topic(name)}), tags=TAGS)
    assert tags_of(stacks, arn) == TAGS
    stacks.update(name, template({"Topic": topic(name, DisplayName="Orders")}), tags={"a": "b"})
    assert tags_of(stacks, arn) == {"a": "b"}
    attributes = stacks.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]
    assert attributes["DisplayName"] == "Orders"
    stacks.delete(name)
    assert arn not in [each["TopicArn"] for each in stacks.client("sns").list_topics()["Topics"]]


def test_what_is_published_reaches_the_subscribed_queue(stacks: Stacks, name: str) -> None:
    subscription = {
        "Type": "AWS::SNS::Subscription",
        "Properties": {
            "TopicArn": {"Ref": "Topic"},
            "Protocol": "sqs",
            "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]},
            "FilterPolicy": {"kind": ["order"]},
        },
    }
    body = template({"Topic": topic(name), "Queue": queue(name), "Subscription": subscription})
    assert stacks.create(name, body)["StackStatus"] == "CREATE_COMPLETE"
    sns, sqs = stacks.client("sns"), stacks.client("sqs")
    for kind in ("order", "other"):
        sns.publish(
            TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}",
            Message=kind,
            MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}},
        )
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [json.loads(each["Body"])["Message"] for each in messages] == ["order"]


def test_a_fifo_topic_without_a_name_gets_one_that_aws_takes(stacks: Stacks, name: str) -> None:
    fifo = {"Type": "AWS::SNS::Topic", "Properties": {"FifoTopic": True}}
    assert stacks.create(name, template({"Topic": fifo}))["StackStatus"] == "CREATE_COMPLETE"
    arns = [each["TopicArn"] for each in stacks.client("sns").list_topics()["Topics"]]
    assert any(name in arn and arn.endswith(".fifo") for arn in arns)


def test_a_fifo_queue_without_a_name_gets_one_that_aws_takes(stacks: Stacks, name: str) -> None:
    fifo = {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": True}}
    made = stacks.create(name, template({"Queue": fifo}))
    assert made["StackStatus"] == "CREATE_COMPLETE"
    urls = stacks.client("sqs").list_queues(QueueNamePrefix=name)["QueueUrls"]
    assert [url.endswith(".fifo") for url in urls] == [True]
