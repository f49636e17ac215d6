"""The rules by which a load balancer sends requests to a service."""

import re
from collections.abc import Iterator
from typing import Any

from ops.check.finding import Hit, Severity
from ops.check.manifest.containers import listeners, routing_rules
from ops.check.registry import rule
from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import Location, dig
from ops.copilot.workload import BACKEND, WEB

_HTTP = "https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/#http"
_VALUES = 4  # of the five that a rule may have; the path takes one
_LONGEST_PATH = 128

_PATHS = {
    ("path",): r"[\w\-.$/~\"'@:+&*?]*",
    ("healthcheck",): r"\S*",
    ("healthcheck", "path"): r"\S*",
}


def rules_of(subject: Subject) -> Iterator[tuple[Variant, Location, dict[str, Any]]]:
    """Yield the routing rules of services, with their places: `http`, then its additional ones."""
    for variant in subject.variants(WEB, BACKEND):
        yield from ((variant, at, routing_rule) for at, routing_rule in routing_rules(variant))


@rule(Severity.ERROR, "https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/#http-path")
def path_missing(subject: Subject) -> Iterator[Hit]:
    """A rule of a load balancer has no path.

    Why: Copilot refuses the manifest. `http` needs a path even if it has `additional_rules`.

    Fix: Write `path: /`, or the path of the service's requests.
    """
    for variant, at, routing_rule in rules_of(subject):
        # A Backend Service whose `http` says nothing, or only which load balancer, has no rule.
        unsaid = {"alb"} if variant.type == BACKEND and at == ("http",) else set()
        says = [name for name, value in routing_rule.items() if value not in (None, [], {})]
        is_there = len(at) > 1 or not unsaid.issuperset(says)
        if routing_rule.get("path") is None and is_there:
            yield variant.hit(at, f"`{'.'.join(map(str, at))}` has no `path`")


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html",
)
def path_characters(subject: Subject) -> Iterator[Hit]:
    """A load balancer's path has characters that AWS does not take, or too many.

    Why: The deployment fails: the load balancer refuses the rule or the health check.

    Fix: Use at most 128 letters, digits, and `_-.$/~"'@:+&*?`; in a health check's path no spaces.
    """
    for variant, at, routing_rule in rules_of(subject):
        for below, pattern in _PATHS.items():
            path = dig(routing_rule, *below)
            if not isinstance(path, str) or "${" in path:
                continue
            if not re.fullmatch(pattern, path, re.ASCII):
                yield variant.hit((*at, *below), f"`{path}` is not a valid path")
            elif below == ("path",) and len(f"/{path.lstrip('/')}") > _LONGEST_PATH:
                message = f"{len(path)} characters; the maximum is {_LONGEST_PATH}"
                yield variant.hit((*at, *below), message)


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html",
)
def rule_conditions(subject: Subject) -> Iterator[Hit]:
    """A rule of a load balancer has more than four aliases and source addresses.

    Why: Copilot refuses the manifest: a rule may have five values, and the path is one of them.

    Fix: Move some of them to `additional_rules` with the same path.
    """
    for variant, at, routing_rule in rules_of(subject):
        values = {
            name: len(value) if isinstance(value, list) else int(value is not None)
            for name in ("alias", "allowed_source_ips")
            for value in [routing_rule.get(name)]
        }
        if sum(values.values()) > _VALUES:
            name = max(values, key=lambda field: values[field])
            yield variant.hit(
                (*at, name), f"{sum(values.values())} values; the maximum is {_VALUES}"
            )


@rule(Severity.ERROR, f"{_HTTP}-hosted-zone")
def hosted_zone_without_alias(subject: Subject) -> Iterator[Hit]:
    """A rule of a load balancer names a hosted zone and no alias.

    Why: Copilot refuses the manifest: there is no name to create in the zone.

    Fix: Add `alias`, or remove `hosted_zone`.
    """
    for variant, at, routing_rule in rules_of(subject):
        if routing_rule.get("hosted_zone") is not None and routing_rule.get("alias") in (None, []):
            yield variant.hit((*at, "hosted_zone"), "`hosted_zone` without `alias`")


@rule(Severity.ERROR, f"{_HTTP}-healthcheck-grace-period")
def grace_period_place(subject: Subject) -> Iterator[Hit]:
    """A grace period is in an additional rule or listener, or in both `http` and `nlb`.

    Why: Copilot refuses the manifest: an ECS service has one grace period.

    Fix: Keep one, in `http.healthcheck` or in `nlb.healthcheck`.
    """
    for variant in subject.variants(WEB):
        main = []
        for at, entry in (*routing_rules(variant), *listeners(variant)):
            if dig(entry, "healthcheck", "grace_period") is None:
                continue
            place = (*at, "healthcheck", "grace_period")
            if len(at) > 1:
                yield variant.hit(place, f"`grace_period` in `{at[1]}`")
            else:
                main.append(place)
        if len(main) > 1:
            yield variant.hit(main[1], "`grace_period` in both `http` and `nlb`")
