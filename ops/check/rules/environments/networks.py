"""The VPC of an environment: imported, or made by Copilot."""

import ipaddress
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from ops.check.files.patches import ENVIRONMENTS, overrides_of
from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Environment, Subject
from ops.check.subject.plain import Location, dig, listed, mapping, text

_NETWORK = "https://aws.github.io/copilot-cli/docs/manifest/environment/#network-vpc"
_SUBNETS = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html"
_VPC = ("network", "vpc")
_KINDS = ("public", "private")
_LEAST_ZONES = 2
_SIZES = (16, 28)  # bits of a VPC's network and of a subnet's
_PATCHES = "https://aws.github.io/copilot-cli/docs/developing/overrides/yamlpatch/"
# What Copilot 1.34.1 renders only if the VPC is its own, found with `copilot env package`.
_OWN_NETWORK = re.compile(
    r"AppRunnerVpcEndpoint\w*|DefaultPublicRoute|InternetGateway(Attachment)?|"
    r"NatGateway\d(Attachment)?|PrivateRoute\d|PrivateRouteTable\d(Association)?|PrivateSubnet\d|"
    r"PublicRouteTable|PublicSubnet\d(RouteTableAssociation)?|VPC"
)


def _subnets(environment: Environment, kind: str) -> list[tuple[Location, dict[str, Any]]]:
    at = (*_VPC, "subnets", kind)
    return [(place, mapping(subnet)) for place, subnet in listed(at, dig(environment.data, *at))]


def _networks(subject: Subject) -> Iterator[tuple[Environment, dict[str, Any]]]:
    for environment in subject.environments:
        vpc = mapping(dig(environment.data, *_VPC))
        if vpc:
            yield environment, vpc


@rule(Severity.ERROR, _NETWORK)
def vpc_of_two_kinds(subject: Subject) -> Iterator[Hit]:
    """An environment imports a VPC or a subnet, and also configures a new one.

    Why: Copilot refuses the manifest: `id` imports one; `cidr` and `az` configure a new one.

    Fix: Keep `id`, or keep `cidr` and `az`.
    """
    for environment, vpc in _networks(subject):
        if text(vpc.get("id")) and text(vpc.get("cidr")):
            yield environment.hit((*_VPC, "cidr"), "`cidr` next to `id`")
        for kind in _KINDS:
            for at, subnet in _subnets(environment, kind):
                for name in ("cidr", "az"):
                    if subnet.get("id") is not None and subnet.get(name) is not None:
                        yield environment.hit((*at, name), f"`{name}` next to `id`")


@rule(Severity.ERROR, _NETWORK)
def imported_subnets(subject: Subject) -> Iterator[Hit]:
    """An imported VPC has no subnets, only one of a kind, or one without `id`.

    Why: Copilot refuses the manifest: a load balancer needs two subnets.

    Fix: List at least two public or two private subnets, each by its `id`.
    """
    for environment, vpc in _networks(subject):
        if not text(vpc.get("id")):
            continue
        subnets = {kind: _subnets(environment, kind) for kind in _KINDS}
        if not any(subnets.values()):
            yield environment.hit((*_VPC, "id"), "it imports no `subnets`")
        for kind, there in subnets.items():
            if len(there) == 1:
                yield environment.hit(
                    (*_VPC, "subnets", kind), f"one {kind} subnet; two are needed"
                )
            for at, subnet in there:
                if not text(subnet.get("id")):
                    yield environment.hit(at, f"a {kind} subnet has no `id`")


@rule(Severity.ERROR, _NETWORK)
def managed_subnets(subject: Subject) -> Iterator[Hit]:
    """The subnets that Copilot creates do not match each other.

    Why: Copilot refuses the manifest: it needs two zones, each with a public and a private subnet.
    In some cases it crashes.

    Fix: Give each subnet a `cidr`, and list as many public as private ones; with an `az`, one of
    each in every zone (two or more).
    """
    for environment, vpc in _networks(subject):
        if text(vpc.get("id")) or not text(vpc.get("cidr")):
            continue
        public, private = (_subnets(environment, kind) for kind in _KINDS)
        missing = [at for at, subnet in (*public, *private) if not text(subnet.get("cidr"))]
        for at in missing:
            yield environment.hit(at, "the subnet has no `cidr`")
        if not missing and (
            problem := _of_zones(*([subnet for _, subnet in of] for of in (public, private)))
        ):
            yield environment.hit((*_VPC, "subnets"), problem)


def _of_zones(public: list[dict[str, Any]], private: list[dict[str, Any]]) -> str:
    """Return what is wrong with subnets and their zones: validateManagedVPC."""
    zones, others = (
        {str(subnet["az"]) for subnet in of if text(subnet.get("az"))} for of in (public, private)
    )
    if zones != others:
        return f"public subnets are in {len(zones)} zones, private ones in others"
    if len(public) > len(private):
        return f"{len(public)} public subnets and {len(private)} private ones"
    if not zones:
        return ""
    if len(zones) < _LEAST_ZONES:
        return "one availability zone; two are needed"
    for kind, of in (("public", public), ("private", private)):
        count = len({str(subnet["cidr"]) for subnet in of})
        if count != len(zones):
            return f"{count} {kind} subnets in {len(zones)} zones"
    return ""


@rule(Severity.ERROR, _SUBNETS)
def network_addresses(subject: Subject) -> Iterator[Hit]:
    """The address range of a VPC or a subnet is not allowed by AWS.

    Why: The deployment fails: EC2 refuses it.

    Fix: Write networks of 16 to 28 bits, such as `10.0.0.0/16`. Subnets lie within the VPC and do
    not overlap.
    """
    for environment, vpc in _networks(subject):
        places: list[tuple[Location, object]] = [((*_VPC, "cidr"), vpc.get("cidr"))]
        for kind in _KINDS:
            places += [
                ((*at, "cidr"), subnet.get("cidr")) for at, subnet in _subnets(environment, kind)
            ]
        networks = dict[Location, ipaddress.IPv4Network]()
        for at, written in places:
            if written is None or "$" in str(written):
                continue
            network = _network(str(written))
            if network is None or not _SIZES[0] <= network.prefixlen <= _SIZES[1]:
                yield environment.hit(at, f"`{written}` is not a network of 16 to 28 bits")
            else:
                networks[at] = network
        for at, problem in _misplaced(networks):
            yield environment.hit(at, problem)


def _misplaced(networks: dict[Location, ipaddress.IPv4Network]) -> Iterator[tuple[Location, str]]:
    whole = networks.get((*_VPC, "cidr"))
    subnets = [(at, subnet) for at, subnet in networks.items() if at != (*_VPC, "cidr")]
    for at, subnet in subnets:
        if whole is not None and not subnet.subnet_of(whole):
            yield at, f"`{subnet}` is not inside `{whole}`"
    for (_, one), (at, other) in combinations(subnets, 2):
        if one.overlaps(other):
            yield at, f"`{other}` overlaps `{one}`"


def _network(text: str) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(text, strict=False) if "/" in text else None
    except ValueError:
        return None


@rule(Severity.ERROR, _PATCHES)
def patch_of_absent_network(subject: Subject) -> Iterator[Hit]:
    """A patch changes a part of a VPC that Copilot does not render, because a VPC is imported.

    Why: Copilot refuses the patch, and all environments share it.

    Fix: Remove the patch, or use a CDK override, which can ask which environment it is in.
    """
    overrides = overrides_of(subject, ENVIRONMENTS)
    names = [environment.name for environment, vpc in _networks(subject) if text(vpc.get("id"))]
    if not names or (subject.only and subject.only not in names):
        return
    added = set()
    for name, operation in overrides.resources():
        is_whole = operation.path.strip("/") == f"Resources/{name}"
        if is_whole and operation.op == "add":
            added.add(name)
        elif _OWN_NETWORK.fullmatch(name) and name not in added:
            where = ", ".join(sorted(names))
            message = f"{name} is not rendered in {where}, where the VPC is imported"
            yield Hit(overrides.path, operation.line, message)
