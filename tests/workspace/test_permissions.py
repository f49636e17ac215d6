"""Each service may make exactly Celery's calls to the queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.workspace.rendering import ENVIRONMENTS, SERVICES

if TYPE_CHECKING:
    from tests.workspace.conftest import Rendered

_SEND = {"sqs:SendMessage", "sqs:GetQueueAttributes"}
_CONSUME = _SEND | {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(
    ("service", "actions"), [("api", _SEND), ("worker", _CONSUME), ("beat", _SEND)]
)
def test_least_privilege(
    rendered: Rendered, service: str, environment: str, actions: set[str]
) -> None:
    addons = rendered.service_addons(service, environment)
    (policy,) = (p for p in addons.of_type("AWS::IAM::ManagedPolicy") if p.startswith("Celery"))
    (statement,) = addons.items(f"{policy}/PolicyDocument/Statement")
    assert statement["Effect"] == "Allow"
    assert set(statement["Action"]) == actions
    assert statement["Resource"] == f"import amply-{environment}-CeleryQueueArn"
    assert set(statement) == {"Effect", "Action", "Resource"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("service", SERVICES)
def test_the_policy_reaches_the_tasks_role(
    rendered: Rendered, service: str, environment: str
) -> None:
    policies = rendered.service_addons(service, environment).outputs
    attached = rendered.service(service, environment).value("TaskRole/ManagedPolicyArns")
    assert attached == [f"AddonsStack.Outputs.{policy}" for policy in policies]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("service", SERVICES)
def test_addons_make_no_variable(rendered: Rendered, service: str, environment: str) -> None:
    """An addon's output that is no policy becomes a variable that no manifest shows."""
    container = f"TaskDefinition/ContainerDefinitions/{service}/Environment"
    names = {v["Name"] for v in rendered.service(service, environment).items(container)}
    copilots = {name for name in names if name.startswith("COPILOT_")}
    own = {
        "api": {
            *("RETURN_URL", "UVICORN_TIMEOUT_KEEP_ALIVE"),
            "UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN",
        },
        "worker": {
            *("MAIL_CONFIGURATION_SET", "MAIL_EVENTS_QUEUE_URL", "MAIL_FROM"),
            *("RETURN_URL", "STAFF_MAIL"),
        },
    }.get(service, set())
    if (service, environment) == ("worker", "staging"):
        own = own | {"MAIL_RECIPIENTS"}
    assert names - copilots == {"ENVIRONMENT", "CELERY_QUEUE_URL"} | own


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_worker_takes_what_ses_reports_and_nothing_else(
    rendered: Rendered, environment: str
) -> None:
    addons = rendered.service_addons("worker", environment)
    (statement,) = addons.items("MailEventsConsumePolicy/PolicyDocument/Statement")
    assert statement == {
        "Effect": "Allow",
        "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage"],
        "Resource": f"import amply-{environment}-MailEventsQueueArn",
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_worker_may_send_mail_and_nothing_else_by_ses(
    rendered: Rendered, environment: str
) -> None:
    addons = rendered.service_addons("worker", environment)
    (statement,) = addons.items("ReceiptsSendPolicy/PolicyDocument/Statement")
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == "ses:SendEmail"
    kinds = [str(arn).split(":", 5)[5] for arn in statement["Resource"]]
    assert kinds == ["identity/*", "configuration-set/*"]
