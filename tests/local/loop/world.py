"""A region of the embedded AWS, and its time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends
from moto.logs.models import logs_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from ops.control.undocumented import Choices
from ops.local.fargate.balancers.requests import Requests
from ops.local.fargate.tasks.running import RunningTask
from ops.local.gaps.ecs.tasks import EcsTask, new_task_arn, record
from ops.local.loop.thread import ControlLoop
from ops.local.metrics.clock import Clock
from ops.local.plane import ControlPlane

if TYPE_CHECKING:
    from pathlib import Path

    from ops.local.endpoint.server import EmbeddedAws

REGION = "eu-west-3"  # its own, so that nothing of other tests is in it
CLUSTER = SERVICE = "shop"
RESOURCE = f"service/{CLUSTER}/{SERVICE}"
TARGET = {
    "ServiceNamespace": "ecs",
    "ResourceId": RESOURCE,
    "ScalableDimension": "ecs:service:DesiredCount",
}
NOON = datetime(2026, 7, 6, 12, tzinfo=UTC).timestamp()  # a Monday
_BACKENDS: tuple[Any, ...] = (
    applicationautoscaling_backends,
    cloudwatch_backends,
    ecs_backends,
    elbv2_backends,
    logs_backends,
    sns_backends,
    sqs_backends,
)


class World:
    """A region with one service. `minutes` lets time pass; `tasks` are the running tasks."""

    def __init__(
        self, aws: EmbeddedAws, directory: Path, speed: float = 1, choices: Choices | None = None
    ) -> None:
        for backends in _BACKENDS:
            backends[DEFAULT_ACCOUNT_ID][REGION].reset()
        self.directory = directory
        self.real = 0.0
        self.speed = speed
        self.faults: list[str] = []
        self.tasks: list[RunningTask] = []
        self.requests = Requests()
        self._aws = aws
        self.clock = Clock(speed, NOON, 0.0, lambda: self.real)
        self.plane = ControlPlane(REGION, self.faults.append, directory, self.clock)
        self.loop = ControlLoop(self.plane, lambda: self.tasks, self.requests, choices or Choices())

    def client(self, service: str) -> Any:
        """Return a client of the region."""
        return self._aws.client(service, region=REGION)

    def minutes(self, number: float) -> None:
        """Tick for some minutes of the control plane."""
        for _ in range(int(number * 6)):
            self.real += 10 / self.speed
            self.loop.tick(self.clock.now())

    def metric(self, value: float | None, name: str = "Load") -> None:
        """Put a value into the current minute; None puts no value."""
        if value is not None:
            self.client("cloudwatch").put_metric_data(
                Namespace="Shop", MetricData=[{"MetricName": name, "Value": value}]
            )

    def alarm(self, name: str = "high", **rest: Any) -> None:
        """Put an alarm that fires if the load is above 5 for three minutes."""
        settings: dict[str, Any] = {
            "AlarmName": name,
            "Namespace": "Shop",
            "MetricName": "Load",
            "Statistic": "Average",
            "Period": 60,
            "EvaluationPeriods": 3,
            "Threshold": 5,
            "ComparisonOperator": "GreaterThanThreshold",
            **rest,
        }
        self.client("cloudwatch").put_metric_alarm(**settings)

    def state(self, name: str = "high") -> str:
        """Return the state of an alarm."""
        answer = self.client("cloudwatch").describe_alarms(
            AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        (alarm,) = answer["MetricAlarms"] + answer["CompositeAlarms"]
        state: str = alarm["StateValue"]
        return state

    def service(self, desired: int, least: int = 1, most: int = 20) -> None:
        """Create a service with so many running tasks and a scalable target."""
        ecs = self.client("ecs")
        ecs.create_cluster(clusterName=CLUSTER)
        container = {"name": "main", "image": "x", "memory": 128}
        ecs.register_task_definition(family=SERVICE, containerDefinitions=[container])
        ecs.create_service(
            cluster=CLUSTER, serviceName=SERVICE, taskDefinition=SERVICE, desiredCount=desired
        )
        self.moto_service().deployments[0]["rolloutState"] = "COMPLETED"
        self.client("application-autoscaling").register_scalable_target(
            **TARGET, MinCapacity=least, MaxCapacity=most
        )
        self.run_tasks(desired)

    def moto_service(self) -> Any:
        """Return moto's object of the service."""
        (service,) = ecs_backends[DEFAULT_ACCOUNT_ID][REGION].services.values()
        return service

    def revision(self) -> dict[str, Any]:
        """Return the newest revision of the service."""
        ecs = self.client("ecs")
        listed = ecs.list_service_deployments(cluster=CLUSTER, service=SERVICE)
        arn = listed["serviceDeployments"][0]["targetServiceRevisionArn"]
        answer = ecs.describe_service_revisions(serviceRevisionArns=[arn])
        revision: dict[str, Any] = answer["serviceRevisions"][0]
        return revision

    def run_tasks(self, number: int, name: str = SERVICE) -> None:
        """Start so many tasks of the service, in a cluster of the same name."""
        backend = ecs_backends[DEFAULT_ACCOUNT_ID][REGION]
        backend.tasks.pop(name, None)
        arn = self.moto_service().cluster_arn
        for _ in range(number):
            task = EcsTask(
                task_arn=new_task_arn(arn),
                cluster_arn=arn,
                task_definition_arn=SERVICE,
                group=f"service:{name}",
                started_by="",
                cpu=None,
                memory=None,
                launch_type=None,
                capacity_provider_name=None,
                containers=[],
                tags=[],
            )
            task.last_status = "RUNNING"
            record(backend, task)
        self.tasks = [
            RunningTask(name, name, str(place), 256, 512, frozenset(), name)
            for place in range(number)
        ]

    def desired(self) -> int:
        """Return the desired count of the service."""
        answer = self.client("ecs").describe_services(cluster=CLUSTER, services=[SERVICE])
        count: int = answer["services"][0]["desiredCount"]
        return count

    def policy(self, **rest: Any) -> str:
        """Put a scaling policy, and return its ARN."""
        answer = self.client("application-autoscaling").put_scaling_policy(**TARGET, **rest)
        arn: str = answer["PolicyARN"]
        return arn

    def activities(self, *, all_of_them: bool = False) -> list[dict[str, Any]]:
        """Return the scaling activities, the newest first."""
        answer = self.client("application-autoscaling").describe_scaling_activities(
            ServiceNamespace="ecs", ResourceId=RESOURCE, IncludeNotScaledActivities=all_of_them
        )
        found: list[dict[str, Any]] = answer["ScalingActivities"]
        return found

    def data(self, namespace: str, name: str, stat: str, **dimensions: str) -> list[float]:
        """Return a metric's points of the last hour, the oldest first."""
        wanted = {
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        }
        now = self.clock.now() - self.clock.ahead()
        answer = self.client("cloudwatch").get_metric_data(
            MetricDataQueries=[
                {"Id": "m", "MetricStat": {"Metric": wanted, "Period": 60, "Stat": stat}}
            ],
            StartTime=datetime.fromtimestamp(now - 3600, UTC),
            EndTime=datetime.fromtimestamp(now, UTC),
            ScanBy="TimestampAscending",
        )
        values: list[float] = answer["MetricDataResults"][0]["Values"]
        return values
