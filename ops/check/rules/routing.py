"""Which requests a load balancer hands to a service."""

import re
from collections.abc import Iterator
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
