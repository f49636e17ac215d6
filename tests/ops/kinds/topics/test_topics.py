"""Topics: their subscriptions in SNS, and the alarms that notify them."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from pydantic import ValidationError

from ops.base.errors import OpsError
from ops.copilot.place import EnvironmentPlace, ServicePlace, ServiceStack
from ops.kinds.topics.desired import desired
from ops.kinds.topics.names import notified
from ops.kinds.topics.settings import Settings
from tests.ops.conftest import Ops
from tests.ops.support.sessions import on_sessions_of_ops

GIVEN = "arn:aws:sns:eu-central-1:123456789012:pager"
STACK = ServiceStack(
    "shop-prod-web", "shop-prod", "shop-web", account="123456789012", region="eu-central-1"
)
TOPICS = """\
topics:
  page:
    email: [oncall@shop.example]
    https: [https://pager.example/in]
  warn: {email: [team@shop.example]}
  info: {arn: arn:aws:sns:eu-central-1:123456789012:news}
"""


def settings(**topics: object) -> Settings:
    return Settings.model_validate(topics)


def place(topics: Settings | None) -> ServicePlace:
    shared = {} if topics is None else {"topics": topics}
    return ServicePlace("shop", "prod", "web", STACK, shared=shared)


def test_a_topic_comes_before_its_subscriptions() -> None:
    wanted = desired(
        settings(page={"email": ["a@shop.example", "a@shop.example"]}, warn={"arn": GIVEN}),
        EnvironmentPlace("shop", "prod", ()),
    )
    assert [(each.name, each.stage) for each in wanted] == [
        ("shop-prod-page", -1),
        ("shop-prod-page/email/a@shop.example", 1),
    ]
    assert wanted[0].tags["copilot-environment"] == "prod"


def test_a_severity_notifies_the_topic_that_is_made_or_given() -> None:
    found = notified(place(settings(page={}, warn={"arn": GIVEN})))
    assert found == {
        "page": "arn:aws:sns:eu-central-1:123456789012:shop-prod-page",
        "warn": GIVEN,
    }
    assert notified(place(None)) == {}


def test_a_given_topic_is_in_the_region_of_its_alarms() -> None:
    elsewhere = settings(page={"arn": GIVEN.replace("eu-central-1", "us-east-1")})
    with pytest.raises(OpsError, match="is in us-east-1, and shop-web in eu-central-1"):
        notified(place(elsewhere))


@pytest.mark.parametrize(
    ("topic", "complaint"),
    [
        ({"arn": GIVEN, "email": ["a@b"]}, "neither the topic nor its subscriptions"),
        ({"email": ["nobody"]}, "should match pattern"),
        ({"https": ["http://pager.example"]}, "must be `https://"),
        ({"arn": "pager"}, "should match pattern"),
    ],
)
def test_what_sns_would_refuse_is_refused_first(topic: object, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        settings(page=topic)


@pytest.fixture
def sns(workspace: Path, deployed: dict[str, str]) -> Any:  # noqa: ANN401
    """Deploy the workspace with topics; return a client of SNS."""
    (workspace / "copilot/ops.yml").write_text(TOPICS)
    return boto3.client("sns")


def arn(name: str) -> str:
    return f"arn:aws:sns:eu-central-1:123456789012:{name}"


def subscribed(sns: Any, topic: str) -> set[str]:  # noqa: ANN401
    listed = sns.list_subscriptions_by_topic(TopicArn=arn(topic))["Subscriptions"]
    return {each["Endpoint"] for each in listed}


def sync(ops: Ops, *more: str) -> None:
    synced = ops("topics", "sync", "--env", "prod", "--yes", *more)
    assert synced.code == 0, synced.out + synced.err


def plan(ops: Ops, *more: str) -> int:
    return ops("topics", "plan", "--env", "prod", "--exit-code", *more).code


def test_topics_are_made_with_their_subscriptions_and_stay(ops: Ops, sns: Any) -> None:  # noqa: ANN401
    sync(ops)
    assert subscribed(sns, "shop-prod-page") == {"oncall@shop.example", "https://pager.example/in"}
    assert subscribed(sns, "shop-prod-warn") == {"team@shop.example"}
    assert len(sns.list_topics()["Topics"]) == 2  # the given one is not made
    tags = sns.list_tags_for_resource(ResourceArn=arn("shop-prod-page"))["Tags"]
    assert {"Key": "managed-by", "Value": "ops"} in tags
    assert plan(ops, "--prune") == 0


def test_alarms_notify_them_by_their_severity(
    ops: Ops,
    sns: Any,  # noqa: ANN401
    workspace: Path,
) -> None:
    path = workspace / "copilot/web/ops.yml"
    paging = "threshold: 80\n      severity: page"
    path.write_text(path.read_text().replace("threshold: 80", paging))
    assert ops("sync", "--env", "prod", "--yes").code == 0
    client = boto3.client("cloudwatch")
    listed = client.describe_alarms(AlarmNamePrefix="shop-web-")["MetricAlarms"]
    actions = {each["AlarmName"]: each["AlarmActions"] for each in listed}
    assert actions == {"shop-web-high-cpu": [arn("shop-prod-page")], "shop-web-unhealthy": []}


def test_a_subscription_that_is_no_longer_declared_goes_with_prune(
    ops: Ops,
    sns: Any,  # noqa: ANN401
    workspace: Path,
) -> None:
    sync(ops)
    for protocol, endpoint in (
        ("email", "by-hand@shop.example"),
        ("https", "https://global.sns-api.chatbot.amazonaws.com"),
        ("sqs", "arn:aws:sqs:eu-central-1:123456789012:copy"),
    ):
        sns.subscribe(TopicArn=arn("shop-prod-page"), Protocol=protocol, Endpoint=endpoint)
    assert plan(ops) == 0
    assert plan(ops, "--prune") == 2
    sync(ops, "--prune")
    assert subscribed(sns, "shop-prod-page") == {
        "oncall@shop.example",
        "https://pager.example/in",
        "https://global.sns-api.chatbot.amazonaws.com",  # of AWS's chat applications
        "arn:aws:sqs:eu-central-1:123456789012:copy",  # nothing that ops.yml could declare
    }


def test_a_topic_of_someone_else_is_left_alone_and_not_subscribed_to(
    ops: Ops,
    sns: Any,  # noqa: ANN401
) -> None:
    sns.create_topic(Name="shop-prod-warn")
    synced = ops("topics", "sync", "--env", "prod", "--yes")
    assert synced.code == 1
    assert "! conflict shop-prod-warn" in synced.out
    assert "was not created by ops" in synced.out
    assert subscribed(sns, "shop-prod-warn") == set()
    assert subscribed(sns, "shop-prod-page")


def test_an_environment_of_jobs_alone_has_topics(
    ops: Ops, workspace: Path, deployed: dict[str, str]
) -> None:
    """Without services, no stack names the account."""
    (workspace / "copilot/ops.yml").write_text("topics:\n  page: {}\n")
    for path in (workspace / "copilot").glob("*/manifest.yml"):
        path.unlink()
        path.with_name("ops.yml").unlink(missing_ok=True)
    sync(ops)
    assert plan(ops) == 0
    [topic] = boto3.client("sns").list_topics()["Topics"]
    assert topic["TopicArn"] == arn("shop-prod-page")


def test_drift_of_a_topic_is_mended(ops: Ops, sns: Any) -> None:  # noqa: ANN401
    sync(ops)
    sns.set_topic_attributes(
        TopicArn=arn("shop-prod-page"), AttributeName="DisplayName", AttributeValue="Hello"
    )
    assert "Hello → shop prod page" in ops("topics", "plan", "--env", "prod").out
    sync(ops)
    assert plan(ops) == 0


def test_topics_that_are_no_longer_declared_go_with_prune(
    ops: Ops,
    sns: Any,  # noqa: ANN401
    workspace: Path,
) -> None:
    sync(ops)
    (workspace / "copilot/ops.yml").write_text("topics: {}\n")
    sync(ops, "--prune", "--allow-deletes", "5")
    assert sns.list_topics()["Topics"] == []
    assert "No topics created by ops exist here." in ops("topics", "list", "--env", "prod").out


@pytest.fixture
def unconfirmed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list of endpoints whose subscriptions stay pending; moto confirms all at once.

    AWS has PendingConfirmation in place of such a subscription's ARN.
    https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
    """
    waiting: list[str] = []

    def pend(parsed: Any, **_: object) -> None:  # noqa: ANN401
        for each in parsed.get("Subscriptions", []):
            if each["Endpoint"] in waiting:
                each["SubscriptionArn"] = "PendingConfirmation"

    on_sessions_of_ops(monkeypatch, "after-call.sns.ListSubscriptionsByTopic", pend)
    return waiting


def test_a_subscription_that_waits_is_no_drift_but_told(
    ops: Ops,
    sns: Any,  # noqa: ANN401
    unconfirmed: list[str],
) -> None:
    sync(ops)
    unconfirmed += ["oncall@shop.example"]
    assert plan(ops, "--prune") == 0
    listed = ops("topics", "list", "--env", "prod", "--output", "json").data["resources"]
    assert {each["name"]: each["state"] for each in listed if "/" in each["name"]} == {
        "shop-prod-page/email/oncall@shop.example": "pending confirmation",
        "shop-prod-page/https/https://pager.example/in": "confirmed",
        "shop-prod-warn/email/team@shop.example": "confirmed",
    }


def test_what_waits_and_is_not_declared_is_left_to_expire(
    ops: Ops,
    sns: Any,  # noqa: ANN401
    unconfirmed: list[str],
    workspace: Path,
) -> None:
    sync(ops)
    unconfirmed += ["oncall@shop.example"]
    path = workspace / "copilot/ops.yml"
    path.write_text(TOPICS.replace("    email: [oncall@shop.example]\n", ""))
    assert plan(ops, "--prune") == 0
