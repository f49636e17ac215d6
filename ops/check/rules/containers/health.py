"""Health checks: of containers, by ECS; of targets, by a load balancer."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ops.check.finding import Hit, Severity
from ops.check.plain import Location, dig, listed, mapping, number, seconds, words
from ops.check.registry import rule
from ops.check.subject import Subject, Variant
from ops.check.tasks import on_sqs
from ops.copilot.workload import APP_RUNNER, BACKEND, FARGATE, WEB

_CONTAINER = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html"
_TARGET = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"
_IMAGE_HEALTH = ("image", "healthcheck")

# Copilot's defaults: aws/copilot-cli, internal/pkg/manifest/workload_ecs.go,
# NewDefaultContainerHealthCheck. A target group's are AWS's own.
_DEFAULTS = {"interval": 10.0, "timeout": 5.0, "start_period": 0.0}
_TARGET_DEFAULTS = {"interval": 30.0, "timeout": 5.0}

# What Celery asks of its workers by broadcast.
_BROADCAST = re.compile(r"\bcelery\b.*\b(inspect\b.*\bping|status)\b", re.DOTALL)


def checks(subject: Subject) -> Iterator[tuple[Variant, dict[str, Any]]]:
    """The services' own containers that ECS checks, with what is said of it.

    A health check that says anything is completed by Copilot.
    """
    for variant, at, check in _checks_of_all(subject):
        if at == _IMAGE_HEALTH:
            yield variant, check


def _checks_of_all(subject: Subject) -> Iterator[tuple[Variant, Location, dict[str, Any]]]:
    """The same with sidecars, and where it is said."""
    for variant in subject.variants(*FARGATE):
        names = mapping(dig(variant.data, "sidecars"))
        for at in (_IMAGE_HEALTH, *(("sidecars", name, "healthcheck") for name in names)):
            found = mapping(dig(variant.data, *at))
            if any(value is not None for value in found.values()):
                yield variant, at, found


def _targets(subject: Subject) -> Iterator[tuple[Variant, Location, dict[str, Any]]]:
    """Where manifests say how a load balancer checks its targets."""
    for variant in subject.variants(WEB, BACKEND):
        for name, more in (("http", "additional_rules"), ("nlb", "additional_listeners")):
            first = dig(variant.data, name)
            for at, each in (((name,), first), *listed((name, more), dig(first, more))):
                check = dig(each, "healthcheck")
                if isinstance(check, dict):
                    yield variant, (*at, "healthcheck"), check


def _overlap(check: Mapping[str, Any], defaults: Mapping[str, float]) -> tuple[str, str] | None:
    """The field that makes a check last until the next is due, and what to say; None if none."""
    interval, timeout = (
        defaults[name] if check.get(name) is None else seconds(check[name])
        for name in ("interval", "timeout")
    )
    if interval is None or timeout is None or timeout < interval:
        return None
    field = "timeout" if "timeout" in check else "interval"
    return field, f"timeout {timeout:g} s, interval {interval:g} s"


def _outside(
    check: Mapping[str, Any], limits: Mapping[str, tuple[int, int]]
) -> Iterator[tuple[str, str]]:
    """The durations of a check that are not within their limits, and what to say."""
    for name, (least, most) in limits.items():
        value = seconds(check.get(name))
        if value is not None and not least <= value <= most:
            yield name, f"{name} {value:g} s is not within {least} and {most} s"


@rule(Severity.WARNING, _CONTAINER)
def health_check_overlaps(subject: Subject) -> Iterator[Hit]:
    """A container's health check may take as long as the time between two of them.

    Why: A check that hangs is given up only when the next one is due, so a task that is gone is
    found later than `interval` and `retries` say.

    Mend: Make `timeout` shorter than `interval`.
    """
    for variant, at, check in _checks_of_all(subject):
        if found := _overlap(check, _DEFAULTS):
            yield variant.hit((*at, found[0]), found[1])


@rule(Severity.ERROR, _TARGET)
def target_check_overlaps(subject: Subject) -> Iterator[Hit]:
    """A load balancer's health check may take as long as the time between two of them.

    Why: Copilot takes any durations; the deploy fails when the load balancer refuses them.

    Mend: Make `timeout` shorter than `interval`. Without them they are 5 s and 30 s.
    """
    for variant, at, check in _targets(subject):
        if at[0] == "nlb" and not {"interval", "timeout"} <= check.keys():
            continue  # its defaults are by protocol
        if found := _overlap(check, _TARGET_DEFAULTS):
            yield variant.hit((*at, found[0]), found[1])


@rule(Severity.ERROR, _CONTAINER)
def health_check_limits(subject: Subject) -> Iterator[Hit]:
    """A container's health check is outside of what ECS takes.

    Why: Copilot takes any values; the deploy fails when ECS refuses the task definition.

    Mend: Keep `interval` within 5 and 300 s, `timeout` within 2 and 60 s, `start_period` within 0
    and 300 s, `retries` within 1 and 10.
    """
    limits = {"interval": (5, 300), "timeout": (2, 60), "start_period": (0, 300)}
    for variant, at, check in _checks_of_all(subject):
        for name, message in _outside(check, limits):
            yield variant.hit((*at, name), message)
        retries = number(check.get("retries"))
        if retries is not None and not 1 <= retries <= 10:
            yield variant.hit((*at, "retries"), f"{retries} retries")


@rule(Severity.ERROR, _TARGET)
def target_check_limits(subject: Subject) -> Iterator[Hit]:
    """A load balancer's health check is outside of what AWS takes.

    Why: Copilot takes any values; the deploy fails when the load balancer refuses them.

    Mend: Keep `interval` within 5 and 300 s, `timeout` within 2 and 120 s, both thresholds within
    2 and 10.
    """
    for variant, at, check in _targets(subject):
        for name, message in _outside(check, {"interval": (5, 300), "timeout": (2, 120)}):
            yield variant.hit((*at, name), message)
        for name in ("healthy_threshold", "unhealthy_threshold"):
            count = number(check.get(name))
            if count is not None and not 2 <= count <= 10:
                yield variant.hit((*at, name), f"{name} {count} is not within 2 and 10")


@rule(
    Severity.WARNING,
    "https://aws.github.io/copilot-cli/docs/manifest/backend-service/#image-healthcheck",
)
def no_start_period(subject: Subject) -> Iterator[Hit]:
    """A container has less than half a minute to become healthy.

    Why: Copilot's default for `start_period` is none. A task that starts slower, as many do on a
    small CPU share, is stopped before it has begun, and the deploy rolls back.

    Mend: Set `start_period`, such as `60s`.
    """
    for variant, check in checks(subject):
        if check.get("start_period") is not None:
            continue
        interval = (
            _DEFAULTS["interval"]
            if check.get("interval") is None
            else variant.seconds_at(*_IMAGE_HEALTH, "interval")
        )
        retries = 2 if check.get("retries") is None else number(check.get("retries"))
        if interval is not None and retries is not None and interval * retries < 30:
            message = f"unhealthy after {retries} failures, {interval:g} s apart, from the start"
            yield variant.hit(_IMAGE_HEALTH, message)


@rule(
    Severity.ERROR,
    "https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/sqs.html",
)
def celery_ping_on_sqs(subject: Subject) -> Iterator[Hit]:
    """A worker's health check is `celery inspect ping`, and its queue is SQS.

    Why: SQS carries no broadcast, so no worker ever answers, and ECS stops every task.

    Mend: Check a sign of life of the worker's own, such as a file that it touches.
    """
    for variant, check in checks(subject):
        asks = _BROADCAST.search(words(check.get("command")))
        if asks and on_sqs(subject, variant):
            at = (*_IMAGE_HEALTH, "command")
            yield variant.hit(at, f"`{asks[1]}` gets no answer by way of SQS")


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/apprunner/latest/api/API_HealthCheckConfiguration.html",
)
def app_runner_check_limits(subject: Subject) -> Iterator[Hit]:
    """App Runner's health check is outside of what it takes.

    Why: Copilot takes any values; the deploy fails when App Runner refuses the service.

    Mend: Keep `interval`, `timeout` and both thresholds within 1 and 20.
    """
    for variant in subject.variants(APP_RUNNER):
        at = ("http", "healthcheck")
        for name in ("interval", "timeout"):
            value = variant.seconds_at(*at, name)
            if value is not None and not 1 <= value <= 20:
                yield variant.hit((*at, name), f"{name} {value:g} s is not within 1 and 20 s")
        for name in ("healthy_threshold", "unhealthy_threshold"):
            count = number(dig(variant.data, *at, name))
            if count is not None and not 1 <= count <= 20:
                yield variant.hit((*at, name), f"{name} {count} is not within 1 and 20")
