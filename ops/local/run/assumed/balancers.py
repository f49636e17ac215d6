"""The load balancers that manifests import: `http: alb:`, by name or ARN; and the listeners and
target groups that addons and patches name.

Copilot adds its rules to their listeners: HTTP, or HTTP and HTTPS.
https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/#http-alb
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.elbv2.models import elbv2_backends

from ops.local import assumptions
from ops.local.endpoint.server import ACCOUNT
from ops.local.run.assumed.templates import mentioned
from ops.local.run.preflight import workloads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.copilot.workspace import Workspace
    from ops.local.endpoint.server import EmbeddedAws

# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
_LISTENER = re.compile(
    r"\barn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:listener/(?:app|net)/[\w-]+/\w+/\w+"
)
_TARGETS = re.compile(r"\barn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:targetgroup/[\w-]+/\w+")
_NOT_FOUND = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}


def seed(workspace: Workspace, environment: str, aws: EmbeddedAws) -> None:
    """Create each load balancer that a manifest names, with the listeners its aliases need."""
    for name, has_alias in dict(sorted(_named(workspace, environment))).items():
        arn = _create(name, aws)
        client = aws.client("elbv2")
        client.create_listener(
            LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[_NOT_FOUND]
        )
        if has_alias:
            certificate = aws.client("acm").request_certificate(DomainName="assumed.example")
            client.create_listener(
                LoadBalancerArn=arn,
                Protocol="HTTPS",
                Port=443,
                Certificates=[{"CertificateArn": certificate["CertificateArn"]}],
                DefaultActions=[_NOT_FOUND],
            )
        assumptions.note(f"the load balancer {name} exists, with a listener")
    _seed_named(workspace, aws)


def _seed_named(workspace: Workspace, aws: EmbeddedAws) -> None:
    """Create the listeners and target groups that addons, patches and CDK programs name."""
    for arn in mentioned(workspace, _LISTENER):
        _create_listener(arn, aws)
        assumptions.note(f"the listener {arn} exists")
    for arn in mentioned(workspace, _TARGETS):
        _create_target_group(arn, aws)
        assumptions.note(f"the target group {arn} exists")


def _create_listener(arn: str, aws: EmbeddedAws) -> None:
    """Create a listener on its load balancer, which is not the one that the laptop serves first."""
    balancer = arn.replace(":listener/", ":loadbalancer/").rpartition("/")[0]
    is_network = "/net/" in arn
    backend: Any = elbv2_backends[ACCOUNT][aws.region]
    if balancer not in backend.load_balancers:
        _create(balancer, aws, Scheme="internal", Type="network" if is_network else "application")
    listeners = backend.load_balancers[balancer].listeners
    created = aws.client("elbv2").create_listener(
        LoadBalancerArn=balancer,
        Protocol="TCP" if is_network else "HTTP",
        Port=80 + len(listeners),
        DefaultActions=[_NOT_FOUND],
    )["Listeners"][0]["ListenerArn"]
    listener = listeners.pop(created)
    listener.arn = arn
    listeners[arn] = listener


def _create_target_group(arn: str, aws: EmbeddedAws) -> None:
    vpc = aws.client("ec2").describe_subnets()["Subnets"][-1]["VpcId"]
    created = aws.client("elbv2").create_target_group(
        Name=arn.split("/")[-2], Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    backend: Any = elbv2_backends[ACCOUNT][aws.region]
    group = backend.target_groups.pop(created)
    group.arn = arn
    backend.target_groups[arn] = group


def _named(workspace: Workspace, environment: str) -> Iterator[tuple[str, bool]]:
    for service in workloads(workspace):
        http = service.manifest_in(environment).get("http")
        if isinstance(http, dict) and isinstance(http.get("alb"), str):
            yield http["alb"], bool(http.get("alias"))


def _create(named: str, aws: EmbeddedAws, **options: str) -> str:
    """Create a load balancer in the existing network, and return its ARN."""
    name = named.split("/")[-2] if "/" in named else named
    subnets = aws.client("ec2").describe_subnets()["Subnets"]
    vpc = subnets[-1]["VpcId"]  # that of the manifest, if it imports one
    client = aws.client("elbv2")
    arn: str = client.create_load_balancer(
        Name=name,
        Subnets=[subnet["SubnetId"] for subnet in subnets if subnet["VpcId"] == vpc],
        **options,
    )["LoadBalancers"][0]["LoadBalancerArn"]
    if not named.startswith("arn:"):
        return arn
    backend: Any = elbv2_backends[ACCOUNT][aws.region]
    balancer = backend.load_balancers.pop(arn)
    balancer.arn = named
    backend.load_balancers[named] = balancer
    return named
