"""The ports of a task's containers, and what load balancers send to them."""

from collections.abc import Iterator
from dataclasses import replace

from ops.check.finding import Hit, Severity
from ops.check.manifest.containers import (
    Exposed,
    exposed,
    listeners,
    name_of,
    port_of,
    routing_rules,
)
from ops.check.registry import rule
from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import Location, dig, mapping, number
from ops.copilot.workload import APP_RUNNER, BACKEND, FARGATE, WEB

_PORT = "https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/#http-target-port"
_TARGETS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"
_MOST = 65_535


def _claims(variant: Variant) -> tuple[dict[int, Exposed], list[tuple[Exposed, Exposed]]]:
    """Return who has each port, and the claims of others on a port that is taken.

    aws/copilot-cli, internal/pkg/manifest/validate.go, validateExposedPorts.
    """
    main, owners, conflicts = name_of(variant), dict[int, Exposed](), []
    for exposed_port in exposed(variant):
        owner = owners.get(exposed_port.port)
        claim = replace(
            exposed_port, container=exposed_port.container or (owner.container if owner else main)
        )
        if owner is None:
            owners[claim.port] = claim
        elif (owner.container, owner.protocol) != (claim.container, claim.protocol):
            conflicts.append((claim, owner))
    own = number(dig(variant.data, "image", "port"))
    owner = owners.get(own) if own is not None else None
    if own is not None and variant.type in {WEB, BACKEND}:
        claim = Exposed(own, owner.protocol if owner else "TCP", main, ("image", "port"))
        if owner is not None and owner.container != main:
            conflicts.append((claim, owner))
        owners.setdefault(own, claim)
    return owners, conflicts


@rule(Severity.ERROR, _PORT)
def port_taken(subject: Subject) -> Iterator[Hit]:
    """Two containers of a task have the same port, or one port has two protocols.

    Why: Copilot refuses the manifest: the containers of a task share one network address.

    Fix: Give each container its own port, and name the container in `target_container`.
    """
    for variant in subject.variants(*FARGATE):
        for claim, owner in _claims(variant)[1]:
            if claim.container != owner.container:
                conflict = f"is of `{owner.container}` and of `{claim.container}`"
            else:
                conflict = f"is {owner.protocol} and {claim.protocol}"
            yield variant.hit(claim.at, f"port {claim.port} {conflict}")


@rule(Severity.ERROR, _PORT)
def health_check_on_udp(subject: Subject) -> Iterator[Hit]:
    """A load balancer checks the health of a UDP port.

    Why: Copilot refuses the manifest: a health check needs TCP.

    Fix: Give the `healthcheck` a `port` that a container exposes by TCP.
    """
    for variant in subject.variants(WEB, BACKEND):
        owners = _claims(variant)[0]
        for at, port in _checked(variant):
            owner = owners.get(port)
            if owner is not None and owner.protocol == "UDP":
                yield variant.hit(at, f"port {port} of `{owner.container}` is UDP")


def _checked(variant: Variant) -> Iterator[tuple[Location, int]]:
    """Yield the port that each rule and each listener checks, with its place."""
    own = dig(variant.data, "image", "port")
    for rules, last in ((routing_rules(variant), own), (listeners(variant), None)):
        for at, entry in rules:
            candidates: tuple[tuple[Location, object], ...] = (
                ((*at, "healthcheck", "port"), dig(entry, "healthcheck", "port")),
                ((*at, "target_port"), entry.get("target_port")),
                ((*at, "port"), port_of(entry.get("port"))[0]),
                (at, last),
            )
            ports = [(place, port) for place, written in candidates if (port := number(written))]
            yield from ports[:1]


@rule(Severity.ERROR, _TARGETS)
def port_out_of_range(subject: Subject) -> Iterator[Hit]:
    """A port is not between 1 and 65535.

    Why: The deployment fails: the load balancer refuses it.

    Fix: Write the port that the container listens on.
    """
    for variant in subject.variants(*FARGATE, APP_RUNNER):
        for at, written in _ports(variant):
            port = number(written) if isinstance(written, int) else port_of(written)[0]
            if port is not None and not 1 <= port <= _MOST:
                yield variant.hit(at, f"{port} is not a port")


def _ports(variant: Variant) -> Iterator[tuple[Location, object]]:
    yield ("image", "port"), dig(variant.data, "image", "port")
    for name, sidecar in mapping(dig(variant.data, "sidecars")).items():
        yield ("sidecars", name, "port"), dig(sidecar, "port")
    for at, entry in (*routing_rules(variant), *listeners(variant)):
        for name in ("port", "target_port"):
            yield (*at, name), entry.get(name)
        yield (*at, "healthcheck", "port"), dig(entry, "healthcheck", "port")
