"""The containers that a load balancer sends requests to, and how it treats them."""

import re
from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.manifest.containers import listeners, name_of, routing_rules, target_container
from ops.check.registry import rule
from ops.check.rules.routing.routing import rules_of
from ops.check.subject.model import Subject
from ops.check.subject.plain import dig, mapping, seconds
from ops.copilot.workload import BACKEND, WEB
from ops.copilot.workspace.problems import did_you_mean

_HTTP = "https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/#http"
_ATTRIBUTES = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html"
_LONGEST_DELAY = 3600  # seconds, of both kinds of load balancer


@rule(Severity.ERROR, f"{_HTTP}-target-container")
def unknown_target(subject: Subject) -> Iterator[Hit]:
    """A load balancer sends requests to a container that does not exist or has no port.

    Why: Copilot refuses the manifest.

    Fix: Name a sidecar with a `port`, or the service itself, or remove `target_container`.
    """
    for variant in subject.variants(WEB, BACKEND):
        ports = {name_of(variant): dig(variant.data, "image", "port")}
        for name, sidecar in mapping(dig(variant.data, "sidecars")).items():
            ports[name] = dig(sidecar, "port")
        for at, entry in (*routing_rules(variant), *listeners(variant)):
            target = target_container(entry)
            if target is None or "$" in target:
                continue
            field = "target_container" if "target_container" in entry else "targetContainer"
            if target not in ports:
                message = f"there is no container `{target}`; {did_you_mean(target, ports)}"
                yield variant.hit((*at, field), message)
            elif ports[target] is None:
                yield variant.hit((*at, field), f"the container `{target}` has no `port`")


@rule(Severity.ERROR, f"{_HTTP}-target-container")
def target_twice(subject: Subject) -> Iterator[Hit]:
    """A load balancer's target is in both the old field and the new one.

    Why: Copilot refuses the manifest.

    Fix: Keep `target_container`; `targetContainer` is its old name.
    """
    for variant in subject.variants(WEB, BACKEND):
        both = [dig(variant.data, "http", name) for name in ("target_container", "targetContainer")]
        if None not in both:
            yield variant.hit(
                ("http", "targetContainer"), "`target_container` and `targetContainer`"
            )


@rule(Severity.ERROR, _ATTRIBUTES)
def deregistration_delay_limit(subject: Subject) -> Iterator[Hit]:
    """A load balancer's deregistration delay is longer than an hour.

    Why: The deployment fails: the load balancer refuses it.

    Fix: Write at most `1h`. 0 is allowed.
    """
    for variant in subject.variants(WEB, BACKEND):
        for at, entry in (*routing_rules(variant), *listeners(variant)):
            delay = seconds(entry.get("deregistration_delay"))
            if delay is not None and not 0 <= delay <= _LONGEST_DELAY:
                message = f"{delay:g} s is not between 0 and {_LONGEST_DELAY} s"
                yield variant.hit((*at, "deregistration_delay"), message)


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Matcher.html",
)
def success_codes(subject: Subject) -> Iterator[Hit]:
    """A health check has success codes that a load balancer does not accept.

    Why: The deployment fails: the load balancer refuses the target group.

    Fix: Write codes between 200 and 499, such as `200-299`; with `version: grpc` between 0 and 99.
    """
    for variant, at, routing_rule in rules_of(subject):
        written = dig(routing_rule, "healthcheck", "success_codes")
        if written is None or isinstance(written, list | dict) or "$" in str(written):
            continue
        is_grpc = str(routing_rule.get("version")).lower() == "grpc"
        least, most = (0, 99) if is_grpc else (200, 499)
        codes = re.findall(r"\d{1,9}", str(written), re.ASCII)
        is_form = re.fullmatch(r"\d{1,9}([,-]\d{1,9})*", str(written), re.ASCII)
        if not is_form or not all(least <= int(code) <= most for code in codes):
            message = f"`{written}` is not between {least} and {most}"
            yield variant.hit((*at, "healthcheck", "success_codes"), message)
