"""Which requests a load balancer hands to a service."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ops.check.finding import Hit, Severity
from ops.check.plain import Location, dig, listed
from ops.check.registry import rule
from ops.check.subject import Subject, Variant
from ops.copilot.workload import BACKEND, WEB

_PATHS = {
    ("path",): r"[\w\-.$/~\"'@:+&*?]*",
    ("healthcheck",): r"\S*",
    ("healthcheck", "path"): r"\S*",
}


def _rules(subject: Subject) -> Iterator[tuple[Variant, Location, dict[str, Any]]]:
    """The routing rules of services, with where they stand: `http`, then its additional ones."""
    for variant in subject.variants(WEB, BACKEND):
        http = dig(variant.data, "http")
        more = listed(("http", "additional_rules"), dig(http, "additional_rules"))
        for at, each in ((("http",), http), *more):
            if isinstance(each, dict):
                yield variant, at, each


@rule(Severity.ERROR, "https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/#http-path")
def path_missing(subject: Subject) -> Iterator[Hit]:
    """A rule of a load balancer says no path.

    Why: Copilot refuses the manifest. `http` needs one beside `additional_rules` too.

    Mend: Write `path: /`, or the path whose requests are the service's.
    """
    for variant, at, each in _rules(subject):
        # A Backend Service whose `http` says nothing, or only which load balancer, has no rule.
        unsaid = {"alb"} if variant.type == BACKEND and at == ("http",) else set()
        says = [name for name, value in each.items() if value not in (None, [], {})]
        if each.get("path") is None and not unsaid.issuperset(says):
            yield variant.hit(at, f"`{'.'.join(map(str, at))}` has no `path`")


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html",
)
def path_characters(subject: Subject) -> Iterator[Hit]:
    """A load balancer's path has characters that AWS does not take.

    Why: Copilot takes any text; the deploy fails when the load balancer refuses the rule or the
    health check.

    Mend: A path has letters, digits, and `_-.$/~"\'@:+&*?`; that of a health check has no spaces.
    """
    for variant, at, each in _rules(subject):
        for below, pattern in _PATHS.items():
            path = dig(each, *below)
            known = isinstance(path, str) and "${" not in path
            if known and not re.fullmatch(pattern, path, re.ASCII):
                yield variant.hit((*at, *below), f"`{path}` is no path")


@rule(
    Severity.WARNING,
    "https://aws.github.io/copilot-cli/docs/developing/domain/",
)
def plain_http(subject: Subject) -> Iterator[Hit]:
    """Nothing in the files gives a public service HTTPS.

    Why: A Load Balanced Web Service faces the internet. It answers plain HTTP unless the
    application has a domain, the environment imports certificates, or CloudFront is in front.

    Mend: Create the application with `copilot app init --domain`, or write `http.alias` in the
    manifest and `http.public.certificates` in the environment's. Where the application has a domain
    and the service its default name, say so: `# ops: ignore plain-http REASON`.
    """
    without = {each.name for each in subject.environments if not _has_https(each.data)}
    for variant in subject.variants(WEB):
        http = dig(variant.data, "http")
        if http is False or dig(http, "alias") or without.isdisjoint(variant.environments):
            continue
        hit = variant.hit(("http",), f"`{variant.workload}` answers plain HTTP on the internet")
        yield replace(hit, environments=variant.environments & without)


def _has_https(environment: object) -> bool:
    return bool(dig(environment, "http", "public", "certificates") or dig(environment, "cdn"))
