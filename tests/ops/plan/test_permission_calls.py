"""Every call of a group's commands is in the group's policy.

The workspace declares every kind, so that the commands reach most of their code.
"""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import OperationModel

from ops.base import clock
from ops.kinds.schedules.manual.remote import TaskCounts
from ops.kinds.schedules.manual.steps import Count
from ops.plan.permissions import GROUPS, action, policy
from tests.ops.conftest import Ops
from tests.ops.kinds.images.stored_images import push, register_environment, release, run
from tests.ops.kinds.schedules.live import DECLARED, NOON
from tests.ops.oncall.queue.celery_messages import celery_message
from tests.ops.support.copilot_stacks import deploy_environment, deploy_web, deploy_worker
from tests.ops.support.sessions import on_sessions_of_ops

LOG_METRICS = """\
log_metrics:
  metric_filters:
    errors: {pattern: '{ $.level = "ERROR" }'}
  queries:
    errors: {query: 'fields @timestamp, message'}
"""
MANIFEST = """\
name: {name}
type: {type}
count: {count}
image: {{location: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/web:a"}}
secrets:
  A: {{secretsmanager: shop/a}}
  B: /shop/b
deployment: {{rollback_alarms: [shop-high]}}
"""
FILES = {
    "ops.yml": f"""\
images:
  shop/web: {{keep: 10}}
topics:
  page: {{email: [oncall@example.org]}}
dashboards: {{}}
{DECLARED}""",
    "web/manifest.yml": MANIFEST.format(name="web", type="Load Balanced Web Service", count=2),
    "web/ops.yml": f"alarms:\n  preset: load-balanced\n  runbooks: docs/runbooks\n{LOG_METRICS}",
    "beat/manifest.yml": MANIFEST.format(name="beat", type="Backend Service", count=1),
    "beat/ops.yml": "alarms:\n  preset: service\n  runbooks: docs/runbooks\n",
    "worker/manifest.yml": MANIFEST.format(
        name="worker", type="Backend Service", count="{range: 2-20}"
    ),
    "worker/ops.yml": f"""\
queue: {{name: jobs, dead_letters: jobs-dead}}
scaling:
  queue_depth: {{target: 100}}
  step: {{first: {{by: unclaimed, add: {{1: 1}}}}}}
alarms:
  preset: queue-worker
  runbooks: docs/runbooks
  define:
    in-trouble: {{summary: It pages., rule: ALARM(backlog-at-max) OR ALARM(dead-letters)}}
{LOG_METRICS}""",
}
NOTHING_DECLARED = {
    "ops.yml": "images: {}\ntopics: {}\n",
    "web/ops.yml": "alarms: {}\n",
    "beat/ops.yml": "alarms: {}\n",
    "worker/ops.yml": "queue: {name: jobs, dead_letters: jobs-dead}\n",
}
HERE = ("--env", "staging")

# The commands of each group, and some calls without which they would not have done much.
COMMANDS: dict[str, tuple[list[tuple[str, ...]], set[str]]] = {
    "plan": (
        [
            ("plan", *HERE),
            ("plan", *HERE, "--prune"),
            ("declare", "keep: 10", "keep: 1"),
            ("plan", *HERE, "--who"),
        ],
        {"cloudtrail:LookupEvents", "tag:GetResources", "sns:GetTopicAttributes"},
    ),
    "sync": (
        [
            ("sync", *HERE),
            ("declare", "keep: 10", "keep: 1"),
            ("plan", *HERE),
            ("declare", "keep: 1", "keep: 5"),
            ("sync", *HERE),
            ("declare",),
            ("sync", *HERE, "--prune", "--allow-deletes", "200"),
            ("dashboards", "delete", *HERE),  # no file mentions them any more
        ],
        {
            "cloudwatch:PutCompositeAlarm",
            "cloudwatch:PutAlarmMuteRule",
            "cloudwatch:DeleteDashboards",
            "ecs:DescribeTasks",
            "application-autoscaling:DeregisterScalableTarget",
            "ecs:UpdateService",  # what nothing would bring up any more is brought up
            "ecr:PutLifecyclePolicy",
            "logs:DeleteQueryDefinition",
            "sns:DeleteTopic",
        },
    ),
    "check": (
        [("check", "--live", *HERE)],
        {"servicequotas:GetServiceQuota", "ssm:DescribeParameters"},
    ),
    "images": (
        [
            ("images", "list"),
            ("declare", "keep: 10", "keep: 1"),
            ("images", "plan"),
            ("declare", "keep: 1", "keep: 5"),
            ("images", "sync"),
            ("declare",),
            ("images", "sync", "--prune"),
            ("images", "delete"),
        ],
        {"tag:GetResources", "ecr:DescribeImages", "ecs:DescribeTasks", "ssm:GetParametersByPath"},
    ),
    "schedules": (
        [
            *(("schedules", name, *HERE) for name in ("plan", "sync", "list")),
            ("schedules", "override", *HERE, "--up-until", "22:00"),
            ("schedules", "override", *HERE, "--clear"),
            ("schedules", "down", *HERE),
            ("schedules", "up", *HERE, "--no-wait"),
            ("declare",),
            ("schedules", "sync", *HERE, "--prune", "--allow-deletes", "50"),
            ("schedules", "delete", *HERE),
        ],
        {"sqs:GetQueueAttributes", "ecs:UpdateService", "cloudwatch:DeleteAlarmMuteRule"},
    ),
    "release": (  # the stories in tests/e2e/test_release.py carry one out
        [
            ("release", "--tag", "b", "--dry-run", *HERE),
            ("release", "status", *HERE),
            ("release", "history", *HERE),
        ],
        {"ssm:GetParametersByPath"},
    ),
    "release-plan": (
        [
            ("release", "--tag", "b", "--dry-run", "--output", "markdown", *HERE),
            ("release", "status", *HERE),
            ("release", "history", *HERE),
        ],
        {"ssm:GetParametersByPath"},
    ),
    "status": (
        [("status", *HERE), ("why", "worker", *HERE)],
        {"elasticloadbalancing:DescribeTargetHealth", "cloudwatch:DescribeAlarms"},
    ),
    "logs": ([("logs", *HERE)], {"logs:FilterLogEvents"}),
    "queue": (
        [
            ("queue", "show", *HERE),
            ("queue", "peek", "worker", *HERE),
            ("queue", "dlq", "worker", *HERE),
            ("queue", "redrive", "worker", *HERE),
            ("queue", "purge", "worker", "--yes-purge", "jobs", *HERE),
        ],
        {"sqs:SendMessage", "sqs:DeleteMessage", "sqs:PurgeQueue", "logs:FilterLogEvents"},
    ),
}


def write(workspace: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = workspace / "copilot" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def declare(workspace: Path, old: str = "", new: str = "") -> None:
    """Replace a declaration, or remove it."""
    if not old:
        write(workspace, NOTHING_DECLARED)
        return
    path = workspace / "copilot/ops.yml"
    path.write_text(path.read_text().replace(old, new))


@pytest.fixture
def everything(aws: None, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a workspace that declares every kind, deployed to staging, with messages."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr("ops.oncall.queue.remote._WAIT", 0)  # moto asks all its servers at once
    write(workspace, FILES)
    environment = deploy_environment("shop", "staging")
    deploy_web("shop", "staging", "web", environment["HTTPListener"])
    deploy_worker("shop", "staging", "worker")
    deploy_worker("shop", "staging", "beat", scales=False)
    register_environment("staging", "eu-central-1", "123456789012")
    run(release("web", "a", "staging"), "staging")
    sqs = boto3.client("sqs")
    dead = sqs.create_queue(QueueName="jobs-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
    redrive = json.dumps({"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": 3})
    sqs.create_queue(QueueName="jobs", Attributes={"RedrivePolicy": redrive})
    sqs.send_message(QueueUrl=dead, MessageBody=celery_message("shop.charge", task_id="1"))
    return workspace


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the IAM actions of the calls that `ops` makes."""
    made: set[str] = set()

    def record(
        model: OperationModel, params: dict[str, Any], **_: object
    ) -> tuple[AWSResponse, dict[str, Any]] | None:
        made.add(action(model.service_model.service_name, model.name))
        if model.name != "LookupEvents":
            return None
        answer = AWSResponse(params["url"], 200, HTTPHeaders(), None)  # moto has no trail
        return answer, {"Events": [], "ResponseMetadata": {"HTTPStatusCode": 200}}

    on_sessions_of_ops(monkeypatch, "before-call", record)
    return made


@pytest.mark.parametrize("group", GROUPS)
def test_every_call_is_in_the_policy_of_its_group(
    ops: Ops, everything: Path, asked: set[str], group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ops("sync", *HERE).code == 0
    push("a", "b")
    boto3.client("cloudwatch").delete_dashboards(DashboardNames=["shop-staging"])  # to be planned
    # The emulator has a service in its bounds at once, and AWS a moment later.
    monkeypatch.setattr(TaskCounts, "count", lambda *_: Count(0, 0))
    if group != "sync":
        asked.clear()
    commands, expected = COMMANDS[group]
    for command in commands:
        if command[0] == "declare":
            declare(everything, *command[1:])
        else:
            told = ops(*command)
            assert "bug" not in told.err + told.out, told
    allowed = {
        each
        for statement in json.loads(json.dumps(policy(group)))["Statement"]
        for each in statement["Action"]
    }
    assert expected <= asked
    assert asked <= allowed
