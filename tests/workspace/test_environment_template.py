"""The template of `copilot env package`: the cluster, the network, and the queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workspace.rendering import ENVIRONMENTS
from tests.workspace.requirements import must, table

if TYPE_CHECKING:
    from tests.workspace.conftest import Rendered

_INSIGHTS = [{"Name": "containerInsights", "Value": "enabled"}]
_NO_INSIGHTS = [{"Name": "containerInsights", "Value": "disabled"}]


@table(
    must("the cluster's name", "Cluster/ClusterName", "amply-prod", "amply-staging"),
    must("on demand and on Spot", "Cluster/CapacityProviders", ["FARGATE", "FARGATE_SPOT"]),
    must("Container Insights", "Cluster/ClusterSettings", _INSIGHTS, _NO_INSIGHTS),
    must("the balancer faces the internet", "PublicLoadBalancer/Scheme", "internet-facing"),
    must("the first zone's way out", "PrivateRoute1/NatGatewayId", "NatGateway1"),
    must("the second zone's way out", "PrivateRoute2/NatGatewayId", "NatGateway2", "NatGateway1"),
)
def test_environment(rendered: Rendered, environment: str, path: str, expected: object) -> None:
    assert rendered.environment(environment).value(path) == expected


@pytest.mark.parametrize(
    ("environment", "gateways"),
    [("prod", ["NatGateway1", "NatGateway2"]), ("staging", ["NatGateway1"])],
)
def test_staging_pays_for_one_nat_gateway(
    rendered: Rendered, environment: str, gateways: list[str]
) -> None:
    stack = rendered.environment(environment)
    assert stack.of_type("AWS::EC2::NatGateway") == gateways
    assert len(stack.of_type("AWS::EC2::EIP")) == len(gateways)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_images_come_from_s3_without_a_nat_gateway(rendered: Rendered, environment: str) -> None:
    stack = rendered.environment(environment)
    assert stack.value("S3Endpoint/VpcEndpointType") == "Gateway"
    assert stack.value("S3Endpoint/ServiceName") == "com.amazonaws.eu-central-1.s3"
    tables = stack.of_type("AWS::EC2::RouteTable")
    assert stack.value("S3Endpoint/RouteTableIds") == [each for each in tables if "Private" in each]


@table(
    must(
        "the queue's name",
        "CeleryQueue/QueueName",
        "amply-celery-queue",
        "amply-staging-celery-queue",
    ),
    must("encrypted", "CeleryQueue/SqsManagedSseEnabled", True),
    must("invisible for 180 seconds", "CeleryQueue/VisibilityTimeout", 180),
    must("long polls", "CeleryQueue/ReceiveMessageWaitTimeSeconds", 10),
    must("five tries", "CeleryQueue/RedrivePolicy/maxReceiveCount", 5),
    must(
        "then the dead-letter queue",
        "CeleryQueue/RedrivePolicy/deadLetterTargetArn",
        "CeleryDeadLetterQueue.Arn",
    ),
    must(
        "the dead-letter queue's name",
        "CeleryDeadLetterQueue/QueueName",
        "amply-celery-queue-dlq",
        "amply-staging-celery-queue-dlq",
    ),
    must("dead letters are encrypted", "CeleryDeadLetterQueue/SqsManagedSseEnabled", True),
    must("dead letters stay 14 days", "CeleryDeadLetterQueue/MessageRetentionPeriod", 14 * 86_400),
)
def test_queues(rendered: Rendered, environment: str, path: str, expected: object) -> None:
    assert rendered.environment_addons(environment).value(path) == expected


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_services_can_import_the_queues(rendered: Rendered, environment: str) -> None:
    assert rendered.environment_addons(environment).exports == {
        f"amply-{environment}-CeleryQueueUrl": "CeleryQueue",
        f"amply-{environment}-CeleryQueueArn": "CeleryQueue.Arn",
        f"amply-{environment}-CeleryQueueName": "CeleryQueue.QueueName",
        f"amply-{environment}-MailConfigurationSet": "MailConfigurationSet",
        f"amply-{environment}-MailEventsQueueUrl": "MailEventsQueue",
        f"amply-{environment}-MailEventsQueueArn": "MailEventsQueue.Arn",
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("queue", ["CeleryQueue", "CeleryDeadLetterQueue"])
def test_no_message_travels_without_tls(rendered: Rendered, environment: str, queue: str) -> None:
    addons = rendered.environment_addons(environment)
    assert addons.value(f"{queue}Policy/Queues") == [queue]
    (statement,) = addons.items(f"{queue}Policy/PolicyDocument/Statement")
    del statement["Sid"]
    assert statement == {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": f"{queue}.Arn",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


_REPORTS = "MailEventsDestination/EventDestination"


@table(
    must(
        "reports on the mails of its set",
        "MailConfigurationSet/Name",
        *(f"amply-{environment}-mail" for environment in ENVIRONMENTS),
    ),
    must(
        "sent, bounced, complained",
        f"{_REPORTS}/MatchingEventTypes",
        [
            *("send", "bounce", "complaint"),
        ],
    ),
    must("to the topic", f"{_REPORTS}/SnsDestination/TopicARN", "MailEventsTopic"),
    must("and on to the queue", "MailEventsSubscription/Endpoint", "MailEventsQueue.Arn"),
    must("as SES wrote them", "MailEventsSubscription/RawMessageDelivery", True),
    must(
        "which has a name",
        "MailEventsQueue/QueueName",
        "amply-mail-events",
        "amply-staging-mail-events",
    ),
    must("five tries", "MailEventsQueue/RedrivePolicy/maxReceiveCount", 5),
)
def test_what_ses_reports(
    rendered: Rendered, environment: str, path: str, expected: object
) -> None:
    assert rendered.environment_addons(environment).value(path) == expected


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_only_this_set_s_mails_are_reported_and_only_the_topic_fills_the_queue(
    rendered: Rendered, environment: str
) -> None:
    addons = rendered.environment_addons(environment)
    (publish,) = addons.items("MailEventsTopicPolicy/PolicyDocument/Statement")
    assert publish["Principal"] == {"Service": "ses.amazonaws.com"}
    assert set(publish["Condition"]["StringEquals"]) == {"AWS:SourceAccount", "AWS:SourceArn"}
    send, _ = addons.items("MailEventsQueuePolicy/PolicyDocument/Statement")
    assert send["Principal"] == {"Service": "sns.amazonaws.com"}
    assert send["Condition"] == {"ArnEquals": {"aws:SourceArn": "MailEventsTopic"}}
