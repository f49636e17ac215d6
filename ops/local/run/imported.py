"""The networks, certificates and domains that a workspace takes from an account.

Each is created with the identifier that the manifests give, before Copilot looks for it.
https://aws.github.io/copilot-cli/docs/manifest/environment/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.acm.models import acm_backends
from moto.ec2.models import ec2_backends

from ops.copilot.workspace.document import read_document
from ops.copilot.workspace.merge import for_environment
from ops.copilot.workspace.plain import plain
from ops.local import assumptions
from ops.local.endpoint.server import ACCOUNT
from ops.local.run.preflight import workloads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.copilot.workspace import Workspace
    from ops.local.endpoint.server import EmbeddedAws

_NETWORK = "10.0.0.0/16"
# Forms that Copilot manages in a domain: https://aws.github.io/copilot-cli/docs/developing/domain/
_LEVELS = 2


def seed(workspace: Workspace, environment: str, aws: EmbeddedAws) -> None:
    """Create what the environment's manifest imports, and the hosted zone of the domain."""
    manifest = environment_manifest(workspace, environment)
    _seed_network(manifest, aws)
    aliases = list(_aliases(workspace, environment))
    for arn in _certificates(manifest, workspace, environment):
        _seed_certificate(arn, aliases, aws)
    if name := domain(workspace, environment):
        aws.client("route53").create_hosted_zone(Name=name, CallerReference=name)
        assumptions.note(f"the domain {name} has a hosted zone: a manifest has an alias in it")


def environment_manifest(workspace: Workspace, environment: str) -> dict[str, Any]:
    """Return the manifest of an environment; empty if there is none."""
    path = workspace.root / "copilot" / "environments" / environment / "manifest.yml"
    if not path.is_file():
        return {}
    document = read_document(path, path.relative_to(workspace.root))
    found = plain(for_environment(document, environment).root)
    return found if isinstance(found, dict) else {}


def domain(workspace: Workspace, environment: str) -> str | None:
    """Return the domain that the application must own, for its aliases without a certificate.

    Copilot manages `DOMAIN`, `NAME.DOMAIN`, `NAME.APP.DOMAIN` and `NAME.ENV.APP.DOMAIN`.
    """
    manifest = environment_manifest(workspace, environment)
    if list(_certificates(manifest, workspace, environment)):
        return None
    found = {alias.removeprefix("*.").rstrip(".") for alias in _aliases(workspace, environment)}
    found = {alias for alias in found if alias.count(".") >= 1}
    if not found:
        return None
    shortest = min(found, key=lambda alias: (alias.count("."), alias))
    labels = shortest.split(".")
    inside = {workspace.application, environment}
    while len(labels) > _LEVELS and (labels[0] in inside or len(labels) > _LEVELS):
        labels = labels[1:]
    return ".".join(labels)


def _aliases(workspace: Workspace, environment: str) -> Iterator[str]:
    names = {
        "${COPILOT_APPLICATION_NAME}": workspace.application,
        "${COPILOT_ENVIRONMENT_NAME}": environment,
    }
    for service in workloads(workspace):
        manifest = service.manifest_in(environment)
        for section in (manifest.get("http"), manifest.get("nlb")):
            for alias in _aliases_of(section):
                for name, value in names.items():
                    alias = alias.replace(name, value)  # noqa: PLW2901 - one replacement each
                yield alias


def _aliases_of(section: Any) -> Iterator[str]:
    if not isinstance(section, dict) or section.get("hosted_zone"):
        return
    given = section.get("alias")
    for item in given if isinstance(given, list) else [given]:
        if isinstance(item, dict):
            item = None if item.get("hosted_zone") else item.get("name")  # noqa: PLW2901
        if isinstance(item, str):
            yield item


def _certificates(
    manifest: dict[str, Any], workspace: Workspace, environment: str
) -> Iterator[str]:
    http = manifest.get("http")
    for part in http.values() if isinstance(http, dict) else ():
        if isinstance(part, dict):
            yield from map(str, part.get("certificates") or ())
    cdn = manifest.get("cdn")
    if isinstance(cdn, dict) and cdn.get("certificate"):
        yield str(cdn["certificate"])
    for service in workloads(workspace):
        own = service.manifest_in(environment).get("http")
        if isinstance(own, dict) and isinstance(own.get("certificate"), str):
            yield own["certificate"]


def _seed_certificate(arn: str, aliases: list[str], aws: EmbeddedAws) -> None:
    region = arn.split(":")[3] if arn.count(":") >= 5 else aws.region
    names = [alias for alias in aliases if "." in alias] or ["assumed.example"]
    client = aws.client("acm", region)
    made = client.request_certificate(
        DomainName=names[0], SubjectAlternativeNames=names, ValidationMethod="DNS"
    )["CertificateArn"]
    backend: Any = acm_backends[ACCOUNT][region]
    certificates = backend._certificates  # noqa: SLF001 - moto has no other way to import an ARN
    certificate = certificates.pop(made)
    certificate.arn, certificate.status = arn, "ISSUED"
    certificates[arn] = certificate
    assumptions.note(f"the certificate {arn} exists, for {', '.join(names)}")


def _seed_network(manifest: dict[str, Any], aws: EmbeddedAws) -> None:
    network = manifest.get("network")
    vpc = network.get("vpc") if isinstance(network, dict) else None
    if not isinstance(vpc, dict) or not isinstance(vpc.get("id"), str):
        return
    backend: Any = ec2_backends[ACCOUNT][aws.region]
    client = aws.client("ec2")
    made = client.create_vpc(CidrBlock=_NETWORK)["Vpc"]["VpcId"]
    client.modify_vpc_attribute(VpcId=made, EnableDnsHostnames={"Value": True})
    subnets = vpc.get("subnets")
    subnets = subnets if isinstance(subnets, dict) else {}
    given = [
        (str(each["id"]), kind == "public")
        for kind in ("public", "private")
        for each in subnets.get(kind) or ()
        if isinstance(each, dict) and each.get("id")
    ]
    for index, (name, is_public) in enumerate(given):
        _seed_subnet(backend, client, made, name, index, is_public=is_public)
    _rename_vpc(backend, made, vpc["id"])
    assumptions.note(f"the VPC {vpc['id']} exists, with {len(given)} subnets of the manifest")


def _seed_subnet(
    backend: Any, client: Any, vpc: str, name: str, index: int, *, is_public: bool
) -> None:
    zones = [z["ZoneName"] for z in client.describe_availability_zones()["AvailabilityZones"]]
    made = client.create_subnet(
        VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=zones[index % len(zones)]
    )["Subnet"]["SubnetId"]
    for subnets in backend.subnets.values():
        if made in subnets:
            subnet = subnets.pop(made)
            subnet.id = name
            subnet.map_public_ip_on_launch = is_public
            subnets[name] = subnet
            return


def _rename_vpc(backend: Any, made: str, name: str) -> None:
    """Give the VPC, and what is in it, the name of the manifest."""
    vpc = backend.vpcs.pop(made)
    vpc.id = name
    backend.vpcs[name] = vpc
    for subnets in backend.subnets.values():
        for subnet in subnets.values():
            if subnet.vpc_id == made:
                subnet.vpc_id = name
    groups = backend.groups.pop(made, None)
    if groups is not None:
        for group in groups.values():
            group.vpc_id = name
        backend.groups[name] = groups
    for table in backend.route_tables.values():
        if table.vpc_id == made:
            table.vpc_id = name
    for acl in backend.network_acls.values():
        if acl.vpc_id == made:
            acl.vpc_id = name
