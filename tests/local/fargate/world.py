"""The small AWS that the tests of Fargate use, and functions that wait for it."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from tests.waiting import WAIT, until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REGION = "eu-central-1"
PROGRAMS = Path(__file__).parent / "programs"


def alive(pid: int) -> bool:
    """Return whether a process runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def get(url: str) -> dict[str, Any]:
    """Return the JSON with which the test's web service describes itself."""
    with urllib.request.urlopen(url, timeout=WAIT) as answer:  # noqa: S310 - our own URL
        told: dict[str, Any] = json.loads(answer.read() or b"{}")
    return told


def status(url: str) -> int:
    """Get the HTTP status."""
    try:
        with urllib.request.urlopen(url, timeout=WAIT) as answer:  # noqa: S310 - our own URL
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


class Apis:
    """Clients of an embedded AWS. They are created once: each takes a tenth of a second."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        session = boto3.Session("embedded", "embedded", region_name=REGION)
        self.ecs = session.client("ecs", endpoint_url=endpoint)
        self.elbv2 = session.client("elbv2", endpoint_url=endpoint)
        self.logs = session.client("logs", endpoint_url=endpoint)
        self.secretsmanager = session.client("secretsmanager", endpoint_url=endpoint)
        self.ssm = session.client("ssm", endpoint_url=endpoint)


class World:
    """A cluster with its network, and helpers for tests."""

    cluster = "amply-test"
    logs_group = "/copilot/amply-test"

    def __init__(self, apis: Apis) -> None:
        self.endpoint = apis.endpoint
        self.ecs = apis.ecs
        self.elbv2 = apis.elbv2
        self.logs = apis.logs
        self.secretsmanager = apis.secretsmanager
        self.ssm = apis.ssm
        self.ec2 = ec2_backends[DEFAULT_ACCOUNT_ID][REGION]
        self.subnets = [subnet.id for subnet in self.ec2.get_default_subnets().values()]
        self.elbv2_backend = elbv2_backends[DEFAULT_ACCOUNT_ID][REGION]
        vpc = self.ec2.get_default_vpc()
        assert vpc is not None
        self.vpc = vpc.id
        self.ecs.create_cluster(clusterName=self.cluster)
        self.logs.create_log_group(logGroupName=self.logs_group)

    def define(self, *command: str, family: str = "api", **container: Any) -> str:  # noqa: ANN401
        """Register a task definition of one container; return its ARN."""
        options = {"awslogs-group": self.logs_group, "awslogs-stream-prefix": "copilot"}
        definition = {
            "name": family,
            "image": "embedded",
            "command": list(command),
            "logConfiguration": {"logDriver": "awslogs", "options": options},
            **container,
        }
        return self.ecs.register_task_definition(
            family=family,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            containerDefinitions=[definition],  # type: ignore[list-item]
        )["taskDefinition"]["taskDefinitionArn"]

    def define_web(self, version: str = "1", **container: Any) -> str:  # noqa: ANN401
        """Register the test's web service."""
        command = ("python", "-S", str(PROGRAMS / "web.py"), "0.0.0.0", "8000", version)
        return self.define(*command, portMappings=[{"containerPort": 8000}], **container)

    def define_worker(self, behaviour: str, **container: Any) -> str:  # noqa: ANN401
        """Register the test's worker."""
        command = ("python", "-S", str(PROGRAMS / "worker.py"), behaviour)
        return self.define(*command, family="worker", **container)

    def target_group(self, name: str = "web", **settings: Any) -> str:  # noqa: ANN401
        """Create a target group whose checks are quick; return its ARN."""
        quick: dict[str, Any] = {
            "HealthCheckPath": "/health",
            "HealthCheckIntervalSeconds": 5,
            "HealthCheckTimeoutSeconds": 2,
            "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 2,
        }
        group = self.elbv2.create_target_group(
            Name=name, Protocol="HTTP", Port=8000, VpcId=self.vpc, TargetType="ip",
            **(quick | settings),
        )["TargetGroups"][0]["TargetGroupArn"]  # fmt: skip
        # The API allows no interval below five seconds; a test need not wait for it.
        self.elbv2_backend.target_groups[group].health_check_interval_seconds = 0.2  # type: ignore[assignment]
        return group

    def load_balancer(self, group: str, name: str = "public") -> str:
        """Create a load balancer that forwards everything; return its listener's ARN."""
        balancer = self.elbv2.create_load_balancer(Name=name, Subnets=self.subnets[:2])
        return self.elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )["Listeners"][0]["ListenerArn"]

    def serve(
        self,
        definition: str,
        desired: int = 1,
        group: str | None = None,
        deployment: Mapping[str, Any] | None = None,
        name: str = "svc",
        **settings: Any,  # noqa: ANN401 - further parameters of CreateService
    ) -> None:
        """Create a service."""
        if group:
            balancer = {"targetGroupArn": group, "containerName": "api", "containerPort": 8000}
            settings["loadBalancers"] = [balancer]
            # On a busy machine a program takes longer to start than two of the quick checks.
            settings.setdefault("healthCheckGracePeriodSeconds", 600)
        if "capacityProviderStrategy" not in settings:
            settings["launchType"] = "FARGATE"
        if deployment:
            settings["deploymentConfiguration"] = deployment
        security_group = self.ec2.get_default_security_group(self.vpc)
        assert security_group is not None
        self.ecs.create_service(
            cluster=self.cluster,
            serviceName=name,
            taskDefinition=definition,
            desiredCount=desired,
            networkConfiguration={
                "awsvpcConfiguration": {
                    "subnets": self.subnets[:2],
                    "securityGroups": [security_group.id],
                }
            },
            **settings,
        )

    def serve_web(self, definition: str | None = None, **settings: Any) -> str:  # noqa: ANN401
        """Create a web service behind a load balancer; return its target group's ARN."""
        group = self.target_group()
        self.load_balancer(group)
        self.serve(definition or self.define_web(), group=group, **settings)
        return group

    def update(self, name: str = "svc", **settings: Any) -> None:  # noqa: ANN401
        """Update a service."""
        self.ecs.update_service(cluster=self.cluster, service=name, **settings)

    def service(self, name: str = "svc") -> Any:  # noqa: ANN401 - dict of the API
        """Describe a service."""
        return self.ecs.describe_services(cluster=self.cluster, services=[name])["services"][0]

    def tasks(self, desired: str = "RUNNING", name: str = "svc") -> Sequence[Any]:
        """Describe the tasks of a service."""
        arns = self.ecs.list_tasks(
            cluster=self.cluster,
            serviceName=name,
            desiredStatus=desired,  # type: ignore[arg-type]
        )["taskArns"]
        if not arns:
            return []
        return self.ecs.describe_tasks(cluster=self.cluster, tasks=arns, include=["TAGS"])["tasks"]

    def stopped(self, name: str = "svc") -> Sequence[Any]:
        """Describe the tasks that have stopped."""
        return [t for t in self.tasks("STOPPED", name) if t["lastStatus"] == "STOPPED"]

    def lines(self) -> dict[str, list[str]]:
        """Return every line of each log stream, oldest first."""
        streams = self.logs.describe_log_streams(logGroupName=self.logs_group)["logStreams"]
        return {s["logStreamName"]: self._lines(s["logStreamName"]) for s in streams}

    def workers(self, number: int) -> list[int]:
        """Return the processes of so many workers with their children, once all have started."""

        def told() -> list[int]:
            words = [line.split() for lines in self.lines().values() for line in lines]
            return [int(pid) for said in words if said[0] == "worker" for pid in said[1::2]]

        until("the workers tell", lambda: len(told()) == 2 * number)
        return told()

    def _lines(self, stream: str) -> list[str]:
        lines: list[str] = []
        settings: dict[str, Any] = {"startFromHead": True}
        while True:
            page = self.logs.get_log_events(
                logGroupName=self.logs_group, logStreamName=stream, **settings
            )
            if not page["events"]:
                return lines
            lines += [event["message"] for event in page["events"]]
            settings["nextToken"] = page["nextForwardToken"]

    def health(self, group: str) -> dict[str, dict[str, str]]:
        """Return the health in DescribeTargetHealth by the target's address."""
        told = self.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return {t["Target"]["Id"]: dict(t["TargetHealth"]) for t in told}  # type: ignore[arg-type]


def address_of(task: Any) -> str:  # noqa: ANN401 - dict of the API
    """Return the private address of a task, from where `copilot svc status` reads it."""
    details = task["attachments"][0]["details"]
    found: str = next(d["value"] for d in details if d["name"] == "privateIPv4Address")
    return found
