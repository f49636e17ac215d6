"""The networks, certificates and domains that a workspace imports from its account.

Each is created with the identifier that the manifests give, before Copilot looks for it.
https://aws.github.io/copilot-cli/docs/manifest/environment/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.acm.models import acm_backends
from moto.ec2.models import ec2_backends
from moto.route53.models import route53_backends

from ops.copilot.workspace.document import read_document
from ops.copilot.workspace.merge import for_environment
from ops.copilot.workspace.plain import plain
from ops.local import assumptions
from ops.local.endpoint.server import ACCOUNT
from ops.local.run.assumed import balancers
from ops.local.run.preflight import workloads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.copilot.workspace import Workspace
    from ops.local.endpoint.server import EmbeddedAws

_NETWORK = "10.0.0.0/16"
# Identifiers of networks as manifests and addons name them.
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_NETWORK_IDS = re.compile(r"\b(?:sg|subnet)-[0-9a-f]{6,17}\b")


def seed(workspace: Workspace, environment: str, aws: EmbeddedAws) -> None:
    """Create what the environment's manifest imports, and the hosted zone of the domain."""
    manifest = environment_manifest(workspace, environment)
    _seed_network(manifest, aws)
    _seed_named(workspace, aws)
    balancers.seed(workspace, environment, aws)
    aliases = list(_aliases(workspace, environment, with_zones=True))
    for arn in _certificates(manifest, workspace, environment):
        _seed_certificate(arn, aliases, aws)
    for zone in _hosted_zones(workspace, environment):
        _seed_zone(zone, aws)
    if name := domain(workspace, environment):
        aws.client("route53").create_hosted_zone(Name=name, CallerReference=name)
        assumptions.note(f"the domain {name} has a hosted zone: a manifest has an alias in it")


def environment_manifest(workspace: Workspace, environment: str) -> dict[str, Any]:
    """Return the manifest of an environment; empty if the file does not exist."""
    path = workspace.root / "copilot" / "environments" / environment / "manifest.yml"
    if not path.is_file():
        return {}
    document = read_document(path, path.relative_to(workspace.root))
    manifest = plain(for_environment(document, environment).root)
    return manifest if isinstance(manifest, dict) else {}


def domain(workspace: Workspace, environment: str) -> str | None:
    """Return the domain that the application must own, for its aliases without a certificate.

    https://aws.github.io/copilot-cli/docs/developing/domain/
    """
    manifest = environment_manifest(workspace, environment)
    if list(_certificates(manifest, workspace, environment)):
        return None
    aliases = {alias.removeprefix("*.").rstrip(".") for alias in _aliases(workspace, environment)}
    aliases = {alias for alias in aliases if alias.count(".") >= 1}
    if not aliases:
        return None
    shortest = min(aliases, key=lambda alias: (alias.count("."), alias))
    labels = shortest.split(".")
    candidates = [".".join(labels[at:]) for at in range(len(labels) - 1)]
    places = ["", f"{workspace.application}.", f"{environment}.{workspace.application}."]
    managed = (
        name
        for name in reversed(candidates)
        if all(_is_managed(alias, [place + name for place in places]) for alias in aliases)
    )
    return next(managed, candidates[0])


def _is_managed(alias: str, zones: list[str]) -> bool:
    """Return whether Copilot can create the alias: a zone's own name, or one label in it."""
    return alias in zones or alias.partition(".")[2] in zones


def _aliases(workspace: Workspace, environment: str, *, with_zones: bool = False) -> Iterator[str]:
    """Yield the aliases; those in a hosted zone of their own need a certificate, but no domain."""
    names = {
        "${COPILOT_APPLICATION_NAME}": workspace.application,
        "${COPILOT_ENVIRONMENT_NAME}": environment,
    }
    for service in workloads(workspace):
        manifest = service.manifest_in(environment)
        for section in (manifest.get("http"), manifest.get("nlb")):
            for alias in _aliases_of(section, with_zones=with_zones):
                for name, value in names.items():
                    alias = alias.replace(name, value)  # noqa: PLW2901 - one replacement each
                yield alias


def _aliases_of(section: Any, *, with_zones: bool) -> Iterator[str]:
    if not isinstance(section, dict) or (section.get("hosted_zone") and not with_zones):
        return
    rules = section.get("additional_rules") or section.get("additional_listeners")
    for rule in rules if isinstance(rules, list) else ():
        yield from _aliases_of(rule, with_zones=with_zones)
    given = section.get("alias")
    for item in given if isinstance(given, list) else [given]:
        if isinstance(item, dict):
            in_zone = item.get("hosted_zone") and not with_zones
            item = None if in_zone else item.get("name")  # noqa: PLW2901
        if isinstance(item, str):
            yield item


def _hosted_zones(workspace: Workspace, environment: str) -> set[str]:
    """Return the identifiers of the hosted zones that manifests name."""
    manifests = [service.manifest_in(environment) for service in workloads(workspace)]
    return {zone for zone in _values_of("hosted_zone", manifests) if zone.isalnum()}


def _values_of(key: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get(key), str):
            yield value[key]
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _values_of(key, item)


def _seed_zone(zone: str, aws: EmbeddedAws) -> None:
    generated_id = (
        aws.client("route53")
        .create_hosted_zone(Name=f"{zone.lower()}.example", CallerReference=zone)["HostedZone"][
            "Id"
        ]
        .rpartition("/")[2]
    )
    backend: Any = route53_backends[ACCOUNT]["aws"]
    hosted_zone = backend.zones.pop(generated_id)
    hosted_zone.resource_id = zone
    backend.zones[zone] = hosted_zone
    assumptions.note(f"the hosted zone {zone} exists")


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
    named = arn.split(":")[3] if arn.count(":") >= 5 else ""
    region = named if _REGION.fullmatch(named) else aws.region  # a template may have a blank
    names = [alias for alias in aliases if "." in alias] or ["assumed.example"]
    for place in {region, aws.region}:  # Copilot asks in the region of the environment
        generated_arn = aws.client("acm", place).request_certificate(
            DomainName=names[0], SubjectAlternativeNames=names, ValidationMethod="DNS"
        )["CertificateArn"]
        backend: Any = acm_backends[ACCOUNT][place]
        certificates = backend._certificates  # noqa: SLF001 - moto has no other way to import an ARN
        certificate = certificates.pop(generated_arn)
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
    vpc_id = client.create_vpc(CidrBlock=_NETWORK)["Vpc"]["VpcId"]
    client.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
    subnets = vpc.get("subnets")
    subnets = subnets if isinstance(subnets, dict) else {}
    given = [
        (str(subnet["id"]), kind == "public")
        for kind in ("public", "private")
        for subnet in subnets.get(kind) or ()
        if isinstance(subnet, dict) and subnet.get("id")
    ]
    for index, (name, is_public) in enumerate(given):
        _seed_subnet(backend, client, vpc_id, name, index, is_public=is_public)
    _rename_vpc(backend, vpc_id, vpc["id"])
    assumptions.note(f"the VPC {vpc['id']} exists, with {len(given)} subnets of the manifest")


def _seed_named(workspace: Workspace, aws: EmbeddedAws) -> None:
    """Create the security groups and subnets that a file names and that do not exist yet."""
    paths = sorted((workspace.root / "copilot").rglob("*.y*ml"))
    named = {
        name for path in paths for name in _NETWORK_IDS.findall(path.read_text("utf-8", "replace"))
    }
    backend: Any = ec2_backends[ACCOUNT][aws.region]
    known = {name for subnets in backend.subnets.values() for name in subnets}
    missing = sorted(named - known)
    if not missing:
        return
    client = aws.client("ec2")
    vpc = client.create_vpc(CidrBlock=_NETWORK)["Vpc"]["VpcId"]
    for index, name in enumerate(missing):
        if name.startswith("subnet-"):
            _seed_subnet(backend, client, vpc, name, index, is_public=False)
            continue
        generated_id = client.create_security_group(
            GroupName=f"assumed-{index}", Description=name, VpcId=vpc
        )["GroupId"]
        group = backend.groups[vpc].pop(generated_id)
        group.id = name
        backend.groups[vpc][name] = group
    assumptions.note(f"these exist: {', '.join(missing)}")


def _seed_subnet(
    backend: Any, client: Any, vpc: str, name: str, index: int, *, is_public: bool
) -> None:
    zones = [z["ZoneName"] for z in client.describe_availability_zones()["AvailabilityZones"]]
    generated_id = client.create_subnet(
        VpcId=vpc, CidrBlock=f"10.0.{index}.0/24", AvailabilityZone=zones[index % len(zones)]
    )["Subnet"]["SubnetId"]
    for subnets in backend.subnets.values():
        if generated_id in subnets:
            subnet = subnets.pop(generated_id)
            subnet.id = name
            subnet.map_public_ip_on_launch = is_public
            subnets[name] = subnet
            return


def _rename_vpc(backend: Any, generated_id: str, name: str) -> None:
    """Give the VPC, and what is in it, the name of the manifest."""
    vpc = backend.vpcs.pop(generated_id)
    vpc.id = name
    backend.vpcs[name] = vpc
    for subnets in backend.subnets.values():
        for subnet in subnets.values():
            if subnet.vpc_id == generated_id:
                subnet.vpc_id = name
    groups = backend.groups.pop(generated_id, None)
    if groups is not None:
        for group in groups.values():
            group.vpc_id = name
        backend.groups[name] = groups
    for table in backend.route_tables.values():
        if table.vpc_id == generated_id:
            table.vpc_id = name
    for acl in backend.network_acls.values():
        if acl.vpc_id == generated_id:
            acl.vpc_id = name
