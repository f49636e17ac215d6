"""The parts of an account that a workspace imports: networks, certificates, domains, topics.

Each is created with the identifier that the manifests give, before Copilot looks for it.
https://aws.github.io/copilot-cli/docs/manifest/environment/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.route53.models import route53_backends

from ops.copilot.workload import WEB
from ops.local import assumptions
from ops.local.endpoint.server import ACCOUNT
from ops.local.run.assumed import balancers, certificates, networks, topics
from ops.local.run.preflight import workloads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ops.copilot.workspace import Workspace
    from ops.local.endpoint.server import EmbeddedAws


def seed(
    workspace: Workspace, environment: str, aws: EmbeddedAws, manifest: dict[str, Any]
) -> None:
    """Create what manifests import; `manifest` is the environment's. Variables are filled in."""
    networks.seed(manifest, aws)
    networks.seed_named(workspace, environment, aws)
    balancers.seed(workspace, environment, aws)
    topics.seed(workspace, environment, aws)
    aliases = list(_aliases(workspace, environment, with_zones=True))
    names = [alias for alias in dict.fromkeys(aliases) if "." in alias] or ["assumed.example"]
    imported = _certificates(manifest, workspace, environment)
    certificates.seed(imported, names, workspace, aws)
    for zone in _hosted_zones(workspace, environment):
        _seed_zone(zone, aws)
    if name := domain(workspace, environment, manifest):
        aws.client("route53").create_hosted_zone(Name=name, CallerReference=name)
        assumptions.note(f"the domain {name} has a hosted zone: a manifest has an alias in it")


def domain(workspace: Workspace, environment: str, manifest: dict[str, Any]) -> str | None:
    """Return the domain that the application must own, for its aliases without a certificate.

    https://aws.github.io/copilot-cli/docs/developing/domain/
    """
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


def requests(workspace: Workspace, environment: str) -> Iterator[tuple[str, str]]:
    """Yield host name and path of a request for each alias in a public load balancer's rules."""
    for service in workloads(workspace):
        http = service.manifest_in(environment).get("http")
        if service.type != WEB or not isinstance(http, dict):
            continue
        others = http.pop("additional_rules", None)
        rules = [http, *(others if isinstance(others, list) else ())]
        for rule in filter(lambda rule: isinstance(rule, dict), rules):
            for alias in _aliases_of(rule, with_zones=True):
                yield alias.replace("*.", "www.", 1), f"/{str(rule.get('path') or '').strip('/')}"


def _aliases(workspace: Workspace, environment: str, *, with_zones: bool = False) -> Iterator[str]:
    """Yield the aliases; those in a hosted zone of their own need a certificate, but no domain."""
    for service in workloads(workspace):
        manifest = service.manifest_in(environment)
        for section in (manifest.get("http"), manifest.get("nlb")):
            yield from _aliases_of(section, with_zones=with_zones)


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
