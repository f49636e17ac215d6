"""The load balancers that manifests import: `http: alb:`, by name or ARN.

Copilot adds its rules to their listeners: HTTP, or HTTP and HTTPS.
https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/#http-alb
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.elbv2.models import elbv2_backends

from ops.local import assumptions
from ops.local.endpoint.server import ACCOUNT
from ops.local.run.preflight import workloads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.copilot.workspace import Workspace
    from ops.local.endpoint.server import EmbeddedAws

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


def _named(workspace: Workspace, environment: str) -> Iterator[tuple[str, bool]]:
    for service in workloads(workspace):
        http = service.manifest_in(environment).get("http")
        if isinstance(http, dict) and isinstance(http.get("alb"), str):
            yield http["alb"], bool(http.get("alias"))


def _create(named: str, aws: EmbeddedAws) -> str:
    """Create a load balancer in the existing network, and return its ARN."""
    name = named.split("/")[-2] if "/" in named else named
    subnets = aws.client("ec2").describe_subnets()["Subnets"]
    vpc = subnets[-1]["VpcId"]  # that of the manifest, if it imports one
    client = aws.client("elbv2")
    arn: str = client.create_load_balancer(
        Name=name, Subnets=[subnet["SubnetId"] for subnet in subnets if subnet["VpcId"] == vpc]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    if not named.startswith("arn:"):
        return arn
    backend: Any = elbv2_backends[ACCOUNT][aws.region]
    balancer = backend.load_balancers.pop(arn)
    balancer.arn = named
    backend.load_balancers[named] = balancer
    return named
