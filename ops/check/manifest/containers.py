"""The containers of a task and the ports that they expose, as Copilot counts them. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ops.check.subject.model import Variant
from ops.check.subject.plain import Location, dig, listed, mapping, number

FIRELENS = "firelens_log_router"  # the container that `logging` adds
_NO_FIRELENS = {"retention"}  # a field of `logging` that adds none


@dataclass(frozen=True)
class Container:
    """A container of a task, and its place in the manifest."""

    name: str
    at: Location
    is_essential: bool
    depends_on: dict[str, Any]
    has_health_check: bool


def name_of(variant: Variant) -> str:
    """Return the name of a task's main container, which is the manifest's name."""
    return str(dig(variant.data, "name"))


def containers(variant: Variant) -> dict[str, Container]:
    """Return the containers of a task by name.

    aws/copilot-cli, internal/pkg/manifest/workload_ecs.go, containerDependencies.
    """
    main = name_of(variant)
    image = mapping(dig(variant.data, "image"))
    all_containers = {main: _container(main, ("image",), image, is_essential=True)}
    logging = mapping(dig(variant.data, "logging"))
    if any(value is not None for name, value in logging.items() if name not in _NO_FIRELENS):
        all_containers[FIRELENS] = _container(FIRELENS, ("logging",), {}, is_essential=False)
    for name, sidecar in mapping(dig(variant.data, "sidecars")).items():
        essential = dig(sidecar, "essential") is not False
        all_containers[name] = _container(
            name, ("sidecars", name), mapping(sidecar), is_essential=essential
        )
    return all_containers


def _container(
    name: str, at: Location, described: dict[str, Any], *, is_essential: bool
) -> Container:
    check = mapping(described.get("healthcheck"))
    return Container(
        name,
        at,
        is_essential,
        mapping(described.get("depends_on")),
        any(value is not None for value in check.values()),
    )


@dataclass(frozen=True)
class Exposed:
    """A port that a part of the manifest exposes. An empty `container` stands for its owner."""

    port: int
    protocol: str
    container: str
    at: Location


def port_of(written: object) -> tuple[int | None, str | None]:
    """Return the port and protocol of `port` or `port/protocol`; the port is None if unreadable."""
    port, slash, protocol = str(written).partition("/")
    value = int(port) if port.isdecimal() and len(port) < 6 else None
    return value, protocol.upper() if slash else None


def exposed(variant: Variant) -> Iterator[Exposed]:
    """Yield the exposed ports, in the order in which Copilot looks: validateExposedPorts.

    Worker Services and jobs expose the ports of sidecars only.
    """
    for name, sidecar in mapping(dig(variant.data, "sidecars")).items():
        port, protocol = port_of(dig(sidecar, "port"))
        if port is not None:
            yield Exposed(port, protocol or "TCP", name, ("sidecars", name, "port"))
    for at, rule in routing_rules(variant):
        target = number(rule.get("target_port"))
        if target is not None:
            yield Exposed(target, "TCP", target_container(rule) or "", (*at, "target_port"))
    for at, listener in listeners(variant):
        port, protocol = port_of(listener.get("port"))
        target = number(listener.get("target_port"))
        if port is not None:
            protocol = "TCP" if protocol in {None, "TLS"} else protocol
            to = target_container(listener) or ""
            yield Exposed(port if target is None else target, protocol or "", to, (*at, "port"))


def target_container(rule: dict[str, Any]) -> str | None:
    """Return the container that a rule or listener sends requests to, if it names one."""
    target = rule.get("target_container", rule.get("targetContainer"))
    return str(target) if target is not None else None


def routing_rules(variant: Variant) -> Iterator[tuple[Location, dict[str, Any]]]:
    """Yield the rules of a load balancer with their places: the main one first."""
    yield from _main_and_more(variant, "http", "additional_rules")


def listeners(variant: Variant) -> Iterator[tuple[Location, dict[str, Any]]]:
    """Yield the listeners of a network load balancer with their places."""
    yield from _main_and_more(variant, "nlb", "additional_listeners")


def _main_and_more(
    variant: Variant, field: str, more: str
) -> Iterator[tuple[Location, dict[str, Any]]]:
    main = dig(variant.data, field)
    for at, entry in (((field,), main), *listed((field, more), dig(main, more))):
        if isinstance(entry, dict) and (entry or len(at) > 1):
            yield at, entry
