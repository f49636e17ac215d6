"""Health checks of containers and load balancers."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ops.check.files.brokers import on_sqs
from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import Location, dig, listed, mapping, number, seconds, words
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
    """Yield the health check of each service's own container, with its place.

    Copilot adds defaults to a health check that has any field.
    """
    for variant, at, check in _checks_of_all(subject):
        if at == _IMAGE_HEALTH:
            yield variant, check


def _checks_of_all(subject: Subject) -> Iterator[tuple[Variant, Location, dict[str, Any]]]:
    """Yield the health checks of all containers, with their places."""
    for variant in subject.variants(*FARGATE):
        names = mapping(dig(variant.data, "sidecars"))
        for at in (_IMAGE_HEALTH, *(("sidecars", name, "healthcheck") for name in names)):
            check = mapping(dig(variant.data, *at))
            if any(value is not None for value in check.values()):
                yield variant, at, check


def _targets(subject: Subject) -> Iterator[tuple[Variant, Location, dict[str, Any]]]:
    """Yield the health checks of load balancers, with their places."""
    for variant in subject.variants(WEB, BACKEND):
        for name, more in (("http", "additional_rules"), ("nlb", "additional_listeners")):
            first = dig(variant.data, name)
            for at, block in (((name,), first), *listed((name, more), dig(first, more))):
                check = dig(block, "healthcheck")
                if isinstance(check, dict):
                    yield variant, (*at, "healthcheck"), check


def _overlap(check: Mapping[str, Any], defaults: Mapping[str, float]) -> tuple[str, str] | None:
    """Return the field that makes a check overlap the next one, with a message; None if checks do
    not overlap.
    """
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
    """Yield the durations of a check that are outside of their limits, with messages."""
    for name, (least, most) in limits.items():
        value = seconds(check.get(name))
        if value is not None and not least <= value <= most:
            yield name, f"{name} {value:g} s is not between {least} and {most} s"


@rule(Severity.WARNING, _CONTAINER)
def health_check_overlaps(subject: Subject) -> Iterator[Hit]:
    """A container's health check may last until the next one.

    Why: ECS notices a hanging check only when the next one is due.

    Fix: Make `timeout` shorter than `interval`.
    """
    for variant, at, check in _checks_of_all(subject):
        if overlap := _overlap(check, _DEFAULTS):
            yield variant.hit((*at, overlap[0]), overlap[1])


@rule(Severity.ERROR, _TARGET)
def target_check_overlaps(subject: Subject) -> Iterator[Hit]:
    """A load balancer's health check may last until the next one.

    Why: The deployment fails: the load balancer refuses them.

    Fix: Make `timeout` shorter than `interval`. The defaults are 5 s and 30 s.
    """
    for variant, at, check in _targets(subject):
        if at[0] == "nlb" and not {"interval", "timeout"} <= check.keys():
            continue  # its defaults are by protocol
        if overlap := _overlap(check, _TARGET_DEFAULTS):
            yield variant.hit((*at, overlap[0]), overlap[1])


@rule(Severity.ERROR, _CONTAINER)
def health_check_limits(subject: Subject) -> Iterator[Hit]:
    """A setting of a container's health check is outside of ECS's limits.

    Why: The deployment fails: ECS refuses the task definition.

    Fix: Keep `interval` between 5 and 300 s, `timeout` between 2 and 60 s, `start_period` between 0
    and 300 s, `retries` between 1 and 10.
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
    """A setting of a load balancer's health check is outside of AWS's limits.

    Why: The deployment fails: the load balancer refuses them.

    Fix: Keep `interval` between 5 and 300 s, `timeout` between 2 and 120 s, both thresholds between
    2 and 10.
    """
    for variant, at, check in _targets(subject):
        for name, message in _outside(check, {"interval": (5, 300), "timeout": (2, 120)}):
            yield variant.hit((*at, name), message)
        for name in ("healthy_threshold", "unhealthy_threshold"):
            count = number(check.get(name))
            if count is not None and not 2 <= count <= 10:
                yield variant.hit((*at, name), f"{name} {count} is not between 2 and 10")


@rule(
    Severity.WARNING,
    "https://aws.github.io/copilot-cli/docs/manifest/backend-service/#image-healthcheck",
)
def no_start_period(subject: Subject) -> Iterator[Hit]:
    """A container has less than half a minute to become healthy.

    Why: ECS stops a task that starts slower, and the deployment rolls back.

    Fix: Set `start_period`, such as `60s`.
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
            message = f"unhealthy after {retries} failures at intervals of {interval:g} s"
            yield variant.hit(_IMAGE_HEALTH, message)


@rule(
    Severity.ERROR,
    "https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/sqs.html",
)
def celery_ping_on_sqs(subject: Subject) -> Iterator[Hit]:
    """A worker's health check is `celery inspect ping`, and its broker is SQS.

    Why: SQS has no broadcast, so no worker answers, and ECS stops every task.

    Fix: Check a sign of life, such as a file that the worker touches.
    """
    for variant, check in checks(subject):
        asks = _BROADCAST.search(words(check.get("command")))
        if asks and on_sqs(subject, variant):
            at = (*_IMAGE_HEALTH, "command")
            yield variant.hit(at, f"`{asks[1]}` gets no answer through SQS")


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/apprunner/latest/api/API_HealthCheckConfiguration.html",
)
def app_runner_check_limits(subject: Subject) -> Iterator[Hit]:
    """App Runner's health check is outside of its limits.

    Why: The deployment fails: App Runner refuses the service.

    Fix: Keep `interval`, `timeout` and both thresholds within 1 and 20.
    """
    for variant in subject.variants(APP_RUNNER):
        at = ("http", "healthcheck")
        for name in ("interval", "timeout"):
            value = variant.seconds_at(*at, name)
            if value is not None and not 1 <= value <= 20:
                yield variant.hit((*at, name), f"{name} {value:g} s is not between 1 and 20 s")
        for name in ("healthy_threshold", "unhealthy_threshold"):
            count = number(dig(variant.data, *at, name))
            if count is not None and not 1 <= count <= 20:
                yield variant.hit((*at, name), f"{name} {count} is not between 1 and 20")
