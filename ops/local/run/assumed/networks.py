"""The networks of the account: those that an environment imports, and others that a file names.

Each is created with its identifier before Copilot looks for it.
https://aws.github.io/copilot-cli/docs/manifest/environment/#network-vpc
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends

from ops.local import assumptions
from ops.local.endpoint.server import ACCOUNT
from ops.local.run.assumed.templates import mentioned
from ops.local.run.preflight import workloads

if TYPE_CHECKING:
    from ops.copilot.workspace import Workspace
    from ops.local.endpoint.server import EmbeddedAws

_NETWORK = "10.0.0.0/16"
# Identifiers of networks as manifests and addons name them.
_NETWORK_IDS = re.compile(r"\b(?:sg|subnet)-[0-9a-f]{6,17}\b")


def seed(manifest: dict[str, Any], aws: EmbeddedAws) -> None:
    """Create the VPC and the subnets that an environment's manifest imports."""
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


def seed_named(workspace: Workspace, environment: str, aws: EmbeddedAws) -> None:
    """Create the security groups and subnets that a file or a variable of a manifest names and that
    do not exist yet.
    """
    backend: Any = ec2_backends[ACCOUNT][aws.region]
    known = {name for subnets in backend.subnets.values() for name in subnets}
    manifests = (service.manifest_in(environment) for service in workloads(workspace))
    filled = {name for manifest in manifests for name in _NETWORK_IDS.findall(str(manifest))}
    missing = sorted(filled.union(mentioned(workspace, _NETWORK_IDS)) - known)
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
