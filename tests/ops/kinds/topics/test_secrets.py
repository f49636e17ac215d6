"""The secrets of a subscribed endpoint: only SNS gets them."""

import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest

from ops.base.urls import without_secrets
from ops.copilot.workspace import WorkspaceError, load_workspace
from tests.ops.conftest import Ops
from tests.ops.support.sessions import on_sessions_of_ops

KEY = "b5f9c0de0123456789abcdef01233f9c"
WITH_PASSWORD = "https://ops:s3cret@pager.example/in"
WITH_KEY = f"https://events.pagerduty.com/integration/{KEY}/enqueue"
SHOWN = {
    "shop-prod-page/https/https://ops:****@pager.example/in",
    "shop-prod-page/https/https://events.pagerduty.com/integration/****53717b32/enqueue",
}


@pytest.fixture
def sns(workspace: Path, deployed: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401
    """Deploy the workspace with two endpoints that have secrets; yield a client that sees the real
    URLs.

    AWS masks a password as ****, which moto does not, so this fixture does.
    https://github.com/hashicorp/terraform/issues/11108
    """
    monkeypatch.setenv("PAGER_PASSWORD", "s3cret")
    declare(workspace, WITH_PASSWORD.replace("s3cret", "${PAGER_PASSWORD}"), WITH_KEY)

    def mask(parsed: Any, **_: object) -> None:  # noqa: ANN401
        for each in parsed.get("Subscriptions", []):
            each["Endpoint"] = re.sub(r"(//[^:/@]*):[^@/]*@", r"\1:****@", each["Endpoint"])

    on_sessions_of_ops(monkeypatch, "after-call.sns.ListSubscriptionsByTopic", mask)
    return boto3.client("sns")


def declare(workspace: Path, *endpoints: str) -> None:
    listed = json.dumps(endpoints)
    (workspace / "copilot/ops.yml").write_text(f"topics:\n  page:\n    https: {listed}\n")


def subscribed(sns: Any) -> set[str]:  # noqa: ANN401
    arn = "arn:aws:sns:eu-central-1:123456789012:shop-prod-page"
    listed = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    return {each["Endpoint"] for each in listed}


def test_an_endpoint_with_a_password_stays_subscribed(ops: Ops, sns: Any) -> None:  # noqa: ANN401
    assert ops("topics", "sync", "--env", "prod").code == 0
    assert subscribed(sns) == {WITH_PASSWORD, WITH_KEY}
    again = ops("topics", "sync", "--env", "prod", "--prune")
    assert again.code == 0
    assert "Nothing to change: all 3 are as declared." in again.out
    assert subscribed(sns) == {WITH_PASSWORD, WITH_KEY}


@pytest.mark.parametrize("output", ["text", "json", "markdown"])
def test_no_secret_is_printed(ops: Ops, sns: Any, output: str) -> None:  # noqa: ANN401
    runs = [ops("topics", "plan", "--env", "prod", "--output", output)]
    if output != "markdown":
        runs += [
            ops("topics", command, "--env", "prod", "--output", output)
            for command in ("sync", "list", "delete")
        ]
    for run in runs:
        assert run.code == 0
        assert all(name in run.out for name in SHOWN)
        assert not re.search(f"s3cret|{KEY}", run.out + run.err)


def test_a_plan_in_a_file_holds_no_secret_and_is_carried_out_with_it(
    ops: Ops,
    sns: Any,  # noqa: ANN401
    workspace: Path,
) -> None:
    path = workspace / "plan.json"
    assert ops("plan", "--env", "prod", "--out", str(path)).code == 0
    assert not re.search(f"s3cret|{KEY}", path.read_text())
    assert ops("sync", str(path)).code == 0
    assert subscribed(sns) == {WITH_PASSWORD, WITH_KEY}


def test_all_that_have_the_name_of_one_undeclared_go_with_prune(
    ops: Ops,
    sns: Any,  # noqa: ANN401
    workspace: Path,
) -> None:
    assert ops("topics", "sync", "--env", "prod").code == 0
    other = WITH_PASSWORD.replace("s3cret", "hunter2")
    arn = "arn:aws:sns:eu-central-1:123456789012:shop-prod-page"
    sns.subscribe(TopicArn=arn, Protocol="https", Endpoint=other)
    declare(workspace, WITH_KEY)
    assert ops("topics", "sync", "--env", "prod", "--prune").code == 0
    assert subscribed(sns) == {WITH_KEY}


def test_two_that_differ_in_their_password_alone_are_told(
    ops: Ops,
    sns: Any,  # noqa: ANN401
    workspace: Path,
) -> None:
    declare(workspace, WITH_PASSWORD, WITH_PASSWORD.replace("s3cret", "hunter2"))
    planned = ops("topics", "plan", "--env", "prod")
    assert planned.code == 1
    assert re.search(r"copilot/ops\.yml:\d+", planned.err)
    assert "https://ops:****@pager.example/in. Remove one of them" in planned.err
    assert not re.search("s3cret|hunter2", planned.out + planned.err)


def test_urls_that_differ_in_what_looks_like_a_key_are_two(
    ops: Ops,
    sns: Any,  # noqa: ANN401
    workspace: Path,
) -> None:
    one, other = (f"https://hooks.acme.example/pager-prod-{each}-west-1" for each in ("us", "eu"))
    declare(workspace, one)
    assert ops("topics", "sync", "--env", "prod").code == 0
    declare(workspace, other)
    changed = ops("topics", "sync", "--env", "prod", "--prune")
    assert changed.code == 0
    assert subscribed(sns) == {other}
    declare(workspace, one, other)
    assert ops("topics", "sync", "--env", "prod").code == 0
    assert subscribed(sns) == {one, other}


@pytest.mark.parametrize(
    "https",
    [
        "[http://ops:s3cret@pager.example/in]",
        '["https://ops:s3cret@pager.example/a b"]',
        "[https://ops:s3cret/2@pager.example/in]",
        "[https://ops:s3cret/2@pager.example/in/a@b]",
        f"[https://ops:s3cret@pager.example/{2048 * 'a'}]",
        "https://ops:s3cret@pager.example/in",
    ],
    ids=["no TLS", "blank", "stroke in the password", "stroke and at sign", "too long", "no list"],
)
def test_what_is_wrong_with_an_endpoint_is_told_without_its_password(
    workspace: Path, https: str
) -> None:
    (workspace / "copilot/ops.yml").write_text(f"topics:\n  page:\n    https: {https}\n")
    with pytest.raises(WorkspaceError, match=r"copilot/ops.yml:3: topics.page.https") as raised:
        load_workspace(workspace).settings("prod", {})
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.webhook.office.com/webhookb2/1b7c@9d2e/IncomingWebhook/5f/6a",
        "https://pager.example:443/a@b",
        "https://[2001:db8::1]:443/a@b",
        "https://ops:s3cret@pager.example/a:b@c?d@e",
    ],
)
def test_a_path_may_have_an_at_sign(workspace: Path, url: str) -> None:
    declare(workspace, url)
    topics = load_workspace(workspace).settings("prod", {}).topics  # type: ignore[attr-defined]
    assert topics.topics["page"].https == (url,)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://pager.example:443/in/2024?env=prod", None),
        ("https://pager.example/in?mail=a@shop.example", None),
        ("https://pager.example:443/a@b", None),
        ("https://[2001:db8::1]:443/a@b", None),
        ("https://[2001:db8::1]/a:b@c", None),
        ("https://ops:s3cret@pager.example:443/a:b@c", "https://ops:****@pager.example:443/a:b@c"),
        ("oncall@shop.example", None),
        ("https://ops@pager.example", None),
        ("https://ops:@pager.example", "https://ops:****@pager.example"),
        ("https://ops:a/b@pager.example/in", "https://ops:****@pager.example/in"),
        (f"https://{KEY}:x@pager.example/", "https://****53717b32:****@pager.example/"),
        (
            "https://pager.example/?token=short&env=prod",
            "https://pager.example/?token=****&env=prod",
        ),
        (
            f"https://pager.example/?api_key={KEY}#top",
            "https://pager.example/?api_key=****53717b32#top",
        ),
        (f"https://pager.example/?{KEY}", "https://pager.example/?****53717b32"),
        (f"https://pager.example/{16 * chr(0xDCFF)}1", "https://pager.example/****09fb688f"),
    ],
)
def test_a_url_is_shown_without_what_lets_somebody_in(url: str, shown: str | None) -> None:
    assert without_secrets(url) == (shown or url)
    assert without_secrets(shown or url) == (shown or url)
