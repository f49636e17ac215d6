"""The places of resources, with the names from Copilot's stacks. Pure data."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

from ops.copilot.workload import Queue, Workload

# Whatever carries this tag was made by `ops`. `copilot svc status` finds alarms by the others.
MANAGED_BY = {"managed-by": "ops"}

DEFAULT_RESOLUTION = 60  # seconds between two samples of a task's CPU and memory
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_BALANCER = re.compile(r":listener(?:-rule)?/((?:app|net)/[^/]+/[^/]+)/")


@dataclass(frozen=True)
class StackResource:
    """One resource of a CloudFormation stack."""

    logical_id: str
    type: str
    physical_id: str


@dataclass(frozen=True)
class ServiceStack:
    """A service's names in AWS, from its stack, in the form that metrics and scaling need.

    Values that a service lacks (a load balancer, a count that scales) are None.
    """

    name: str
    cluster: str  # shop-prod
    service: str  # shop-api
    target_group: str | None = None  # targetgroup/<name>/<id>
    load_balancer: str | None = None  # app/<name>/<id>
    log_group: str | None = None
    scalable_target: str | None = None  # service/<cluster>/<service>
    queue: Queue | None = None  # that Copilot makes for a Worker Service
    account: str = ""
    region: str = ""
    partition: str = "aws"
    metric_resolution: int = DEFAULT_RESOLUTION  # seconds, of CPUUtilization

    @property
    def samples_per_minute(self) -> int:
        """Return how often each task reports its CPU in a minute."""
        return 60 // self.metric_resolution

    @property
    def target_id(self) -> str:
        """Return the resource ID of the service in Application Auto Scaling, scaled or not."""
        return f"service/{self.cluster}/{self.service}"

    @classmethod
    def from_resources(cls, name: str, resources: Iterable[StackResource]) -> "ServiceStack | None":
        """Read a stack's resources; return None if they include no ECS service.

        Logical ids are those of Copilot's templates; types decide, so that a patched template
        with another id still works. Physical ids: an ECS service's is its ARN
        (`…:service/<cluster>/<service>`), a listener rule's ARN names its load balancer.
        """
        physical = _PhysicalIds(resources)
        service_arn = physical.of("AWS::ECS::Service", "Service")
        if service_arn is None:
            return None
        arn, cluster, service = service_arn.split("/", 2)
        _, partition, _, region, account, _ = arn.split(":", 5)
        group = physical.of("AWS::ElasticLoadBalancingV2::TargetGroup", "TargetGroup")
        listener = physical.of("AWS::ElasticLoadBalancingV2::ListenerRule") or physical.of(
            "AWS::ElasticLoadBalancingV2::Listener"
        )
        balancer = _BALANCER.search(listener) if listener else None
        target = physical.of("AWS::ApplicationAutoScaling::ScalableTarget", "AutoScalingTarget")
        return cls(
            name=name,
            cluster=cluster,
            service=service,
            account=account,
            region=region,
            partition=partition,
            target_group=group.rsplit(":", 1)[-1] if group else None,
            load_balancer=balancer.group(1) if balancer else None,
            log_group=physical.of("AWS::Logs::LogGroup", "LogGroup"),
            scalable_target=target.split("|", 1)[0] if target else None,
            queue=_queue(physical),
        )


@dataclass(frozen=True)
class OtherStack:
    """The stack of a workload that has no ECS service: a job, App Runner or static site."""

    name: str
    log_group: str | None = None

    @classmethod
    def from_resources(cls, name: str, resources: Iterable[StackResource]) -> "OtherStack":
        """Read a stack's resources.

        App Runner makes its log groups itself and names them after the service, whose ARN ends in
        `service/<name>/<id>`: https://docs.aws.amazon.com/apprunner/latest/dg/monitor-cwl.html
        """
        physical = _PhysicalIds(resources)
        group = physical.of("AWS::Logs::LogGroup", "LogGroup")
        runner = physical.of("AWS::AppRunner::Service", "Service")
        if group is None and runner is not None:
            group = f"/aws/apprunner/{runner.split(':service/', 1)[-1]}/application"
        return cls(name, group)


class _PhysicalIds:
    def __init__(self, resources: Iterable[StackResource]) -> None:
        self._resources = sorted(resources, key=lambda resource: resource.logical_id)

    def of(self, resource_type: str, logical_id: str = "") -> str | None:
        """Return the ID of the resource of a type: the one with the logical ID, else the first."""
        of_type = [resource for resource in self._resources if resource.type == resource_type]
        named = [resource for resource in of_type if resource.logical_id == logical_id]
        return next((resource.physical_id for resource in (*named, *of_type)), None)

    def queue(self, logical_id: str) -> str | None:
        """Return the name of the queue with this logical ID: a queue's physical ID is its URL."""
        queues = (resource for resource in self._resources if resource.type == "AWS::SQS::Queue")
        urls = (queue.physical_id for queue in queues if queue.logical_id == logical_id)
        return next((url.rsplit("/", 1)[-1] for url in urls), None)


def _queue(physical: _PhysicalIds) -> Queue | None:
    """Return the default queue of a Worker Service; queues of single topics have other IDs.

    https://github.com/aws/copilot-cli/blob/mainline/internal/pkg/template/templates/workloads/partials/cf/subscribe.yml
    """
    name = physical.queue("EventsQueue")
    return Queue(name=name, dead_letters=physical.queue("DeadLetterQueue")) if name else None


@dataclass(frozen=True)
class ApplicationPlace:
    """The resources that all environments of an application share."""

    application: str
    environments: tuple[str, ...] = ()  # those of the workspace

    @property
    def tags(self) -> Mapping[str, str]:
        """Return the tags of resources that `ops` creates here."""
        return {**MANAGED_BY, "copilot-application": self.application}


@dataclass(frozen=True)
class ServicePlace:
    """A service that is deployed to an environment."""

    application: str
    environment: str
    service: str
    stack: ServiceStack
    workload: Workload = field(default_factory=Workload)
    declared: Mapping[str, Any] = field(default_factory=dict)  # its ops.yml: settings by kind
    shared: Mapping[str, Any] = field(default_factory=dict)  # copilot/ops.yml: settings by kind
    workspace: tuple[str, ...] = ()  # all services of the workspace that it is in

    @property
    def queue(self) -> Queue | None:
        """Return the name of the service's queue: the one in its ops.yml, else Copilot's."""
        return self.workload.queue or self.stack.queue

    @property
    def tags(self) -> Mapping[str, str]:
        """Return the tags of resources that `ops` creates here."""
        return {
            **MANAGED_BY,
            "copilot-application": self.application,
            "copilot-environment": self.environment,
            "copilot-service": self.service,
        }


@dataclass(frozen=True)
class EnvironmentPlace:
    """An environment, with the services of the workspace that are deployed to it.

    `now` is the time of the run, for resources that depend on the time.
    """

    application: str
    environment: str
    services: tuple[ServicePlace, ...]
    now: datetime = _LONG_AGO
    shared: Mapping[str, Any] = field(default_factory=dict)  # copilot/ops.yml: settings by kind

    @property
    def tags(self) -> Mapping[str, str]:
        """Return the tags of resources that `ops` creates here."""
        return {
            **MANAGED_BY,
            "copilot-application": self.application,
            "copilot-environment": self.environment,
        }


Place: TypeAlias = ApplicationPlace | EnvironmentPlace | ServicePlace
