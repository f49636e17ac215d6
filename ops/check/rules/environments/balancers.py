"""The load balancers and the CDN of an environment."""

from collections.abc import Iterator
from typing import Any

from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Environment, Subject
from ops.check.subject.plain import Location, dig, listed, mapping, region_of, text

_ENVIRONMENT = "https://aws.github.io/copilot-cli/docs/manifest/environment/"
_OLD = ("security_groups", "ingress")
_OLD_FIELDS, _NEW_FIELDS = ("restrict_to", "from_vpc"), ("cdn", "source_ips", "vpc")
_PUBLIC, _PRIVATE = ("http", "public"), ("http", "private")
_CDN = ("restrict_to", "cdn")
_REGION = "us-east-1"


def _has_cdn(environment: Environment) -> bool:
    """Return whether an environment has a CDN: `true`, or a mapping that says anything."""
    cdn = dig(environment.data, "cdn")
    return cdn is True or any(value is not None for value in mapping(cdn).values())


def _says(value: object) -> bool:
    """Return whether a mapping says anything at any depth."""
    if isinstance(value, dict):
        return any(map(_says, value.values()))
    return value not in (None, [])


@rule(Severity.ERROR, f"{_ENVIRONMENT}#http-public-ingress")
def ingress_of_two_kinds(subject: Subject) -> Iterator[Hit]:
    """A load balancer's ingress is in both the old field and the new one.

    Why: Copilot refuses the manifest.

    Fix: Keep `ingress`; `security_groups.ingress` is its old name.
    """
    for environment in subject.environments:
        for at in (_PUBLIC, _PRIVATE):
            both = [
                [dig(environment.data, *at, *path, name) for name in names]
                for path, names in ((("ingress",), _NEW_FIELDS), (_OLD, _OLD_FIELDS))
            ]
            if all(any(map(_says, fields)) for fields in both):
                message = "`security_groups.ingress` next to `ingress`"
                yield environment.hit((*at, *_OLD), message)


@rule(Severity.ERROR, f"{_ENVIRONMENT}#http-private-ingress")
def ingress_of_another_balancer(subject: Subject) -> Iterator[Hit]:
    """A load balancer has an ingress field of the other load balancer.

    Why: Copilot refuses the manifest: the public load balancer always allows the VPC, and the
    internal one cannot be restricted.

    Fix: Remove the field.
    """
    for environment in subject.environments:
        for at in ((*_PUBLIC, *_OLD, "from_vpc"), (*_PRIVATE, *_OLD, "restrict_to")):
            if _says(dig(environment.data, *at)):
                yield environment.hit(at, f"`{at[-1]}` of the {at[1]} load balancer")


@rule(Severity.ERROR, f"{_ENVIRONMENT}#http-public-ingress")
def cdn_off(subject: Subject) -> Iterator[Hit]:
    """The public load balancer allows only the CDN, which is disabled.

    Why: Copilot refuses the manifest: no service could be reached.

    Fix: Add `cdn: true`, or remove `ingress.cdn`.
    """
    for environment in subject.environments:
        new = (*_PUBLIC, "ingress")
        at = (*new, "cdn") if _says(dig(environment.data, *new)) else (*_PUBLIC, *_OLD, *_CDN)
        if dig(environment.data, *at) is True and not _has_cdn(environment):
            yield environment.hit(at, "`cdn` is not enabled")


@rule(Severity.ERROR, f"{_ENVIRONMENT}#cdn-certificate")
def cdn_certificate(subject: Subject) -> Iterator[Hit]:
    """The certificates of a CDN and its load balancer do not match.

    Why: Copilot refuses the manifest: a CDN before a load balancer with certificates needs one too,
    of us-east-1. If only the CDN has one, it must terminate TLS.

    Fix: Request the CDN's certificate in us-east-1, or write `terminate_tls: true`.
    """
    for environment in subject.environments:
        for at, message in _of_cdn(environment.data):
            if _has_cdn(environment):
                yield environment.hit(at, message)


def _of_cdn(data: Any) -> Iterator[tuple[Location, str]]:  # noqa: ANN401  # a manifest
    certificate = dig(data, "cdn", "certificate")
    balancers = dig(data, *_PUBLIC, "certificates")
    at = ("cdn", "certificate")
    region = region_of(certificate) if isinstance(certificate, str) else None
    if region not in {None, _REGION} and "$" not in str(region):
        yield at, f"the certificate is in `{region}`"
    if balancers is not None and certificate is None:
        yield ("cdn",), "`http.public.certificates` without `cdn.certificate`"
    is_alone = balancers is None and certificate is not None
    if is_alone and dig(data, "cdn", "terminate_tls") is not True:
        yield at, "`cdn.certificate` without `terminate_tls: true`"


@rule(Severity.ERROR, f"{_ENVIRONMENT}#http-private-subnets")
def internal_subnets(subject: Subject) -> Iterator[Hit]:
    """The internal load balancer is in subnets that are not imported.

    Why: Copilot refuses the manifest.

    Fix: List the subnets in `network.vpc.subnets` too, each once.
    """
    at = (*_PRIVATE, "subnets")
    for environment in subject.environments:
        placed = listed(at, dig(environment.data, *at))
        vpc = mapping(dig(environment.data, "network", "vpc"))
        imported = [
            dig(subnet, "id")
            for kind in ("public", "private")
            for _, subnet in listed((), dig(vpc, "subnets", kind))
        ]
        if isinstance(dig(environment.data, *at), list) and not text(vpc.get("id")):
            yield environment.hit(at, "the VPC is not imported")
            continue
        names = [name for _, name in placed]
        for index, (place, name) in enumerate(placed):
            if name not in imported and "$" not in str(name):
                yield environment.hit(place, f"`{name}` is not imported")
            elif name in names[:index]:
                yield environment.hit(place, f"`{name}` is a duplicate")
