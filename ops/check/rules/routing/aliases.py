"""Names of a service, and the certificates of its environments."""

from collections.abc import Iterator
from dataclasses import replace

from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.rules.routing.routing import rules_of
from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import dig
from ops.copilot.workload import BACKEND, WEB

_HTTP = "https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/#http"


@rule(Severity.ERROR, f"{_HTTP}-alias")
def alias_and_certificates(subject: Subject) -> Iterator[Hit]:
    """A service's aliases do not match the certificates of an environment.

    Why: Copilot refuses the deployment: imported certificates need an alias in each rule, and an
    alias of an internal load balancer needs them.

    Fix: Add or remove `alias`, or `certificates` in the environment's manifest.
    """
    for variant, at, routing_rule in rules_of(subject):
        has_alias = routing_rule.get("alias") not in (None, [])
        for name in sorted(_environments(subject, variant)):
            has_certificates = _imports_certificates(subject, name, variant.type)
            if has_certificates and not has_alias and dig(variant.data, "http", "alb") is None:
                message = f"no `alias`, and `{name}` imports certificates"
                yield replace(variant.hit(at, message), environments=frozenset({name}))
            elif has_alias and not has_certificates and variant.type == BACKEND:
                message = f"`alias`, and `{name}` has no `http.private.certificates`"
                yield replace(variant.hit((*at, "alias"), message), environments=frozenset({name}))


def _environments(subject: Subject, variant: Variant) -> set[str]:
    """Return the environments with a manifest that a variant is of."""
    return {environment.name for environment in subject.environments} & variant.environments


def _imports_certificates(subject: Subject, environment: str, type_: str) -> bool:
    """Return whether an environment imports certificates for a type of service."""
    [data] = [manifest.data for manifest in subject.environments if manifest.name == environment]
    balancer = "public" if type_ == WEB else "private"
    imported = bool(dig(data, "http", balancer, "certificates"))
    return imported or (type_ == WEB and dig(data, "cdn", "certificate") is not None)


@rule(
    Severity.WARNING,
    "https://aws.github.io/copilot-cli/docs/developing/domain/",
)
def plain_http(subject: Subject) -> Iterator[Hit]:
    """The files give a public service no HTTPS.

    Why: It answers plain HTTP unless the application has a domain, the environment imports
    certificates, or CloudFront is in front.

    Fix: Create the application with `copilot app init --domain` (and ignore this finding), or write
    `http.alias` in the manifest and `http.public.certificates` in the environment's.
    """
    without = {
        environment.name for environment in subject.environments if not _has_https(environment.data)
    }
    for variant in subject.variants(WEB):
        http = dig(variant.data, "http")
        if http is False or dig(http, "alias") or without.isdisjoint(variant.environments):
            continue
        hit = variant.hit(("http",), f"`{variant.workload}` answers plain HTTP on the internet")
        yield replace(hit, environments=variant.environments & without)


def _has_https(environment: object) -> bool:
    return bool(dig(environment, "http", "public", "certificates") or dig(environment, "cdn"))
