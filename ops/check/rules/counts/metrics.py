"""The metrics by which Copilot scales a service."""

from collections.abc import Iterator
from math import ceil
from typing import Any

from ops.check.finding import Hit, Severity
from ops.check.manifest.tasks import band, count_fields
from ops.check.registry import rule
from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import dig
from ops.copilot.workload import BACKEND, SERVICES, WEB, WORKER

_COUNT = "https://aws.github.io/copilot-cli/docs/manifest/backend-service/#count"
_QUEUE_DELAY = "https://aws.github.io/copilot-cli/docs/manifest/worker-service/#count-queue-delay"
_OF_A_BALANCER = ("requests", "response_time")
_OF_A_TASK = ("cpu_percentage", "memory_percentage")
_DELAYS = ("acceptable_latency", "msg_processing_time")


def _counts(subject: Subject, *types: str) -> Iterator[tuple[Variant, dict[str, Any]]]:
    """Yield what `count` says beyond a number."""
    for variant in subject.variants(*types):
        if fields := count_fields(variant.data):
            yield variant, fields


@rule(Severity.ERROR, _COUNT)
def metric_without_balancer(subject: Subject) -> Iterator[Hit]:
    """A service scales by requests or response time and has no application load balancer.

    Why: Copilot refuses the manifest: these are metrics of `http`, and `nlb` has none.

    Fix: Add `http`, or scale by `cpu_percentage`.
    """
    for variant, count in _counts(subject, WEB, BACKEND):
        http = dig(variant.data, "http")
        has_none = http is False if variant.type == WEB else not http
        for name in _OF_A_BALANCER if has_none else ():
            if name in count:
                yield variant.hit(("count", name), f"`{name}` without `http`")


@rule(Severity.ERROR, _COUNT)
def metric_without_range(subject: Subject) -> Iterator[Hit]:
    """A service has a metric or a cooldown for scaling, but no range.

    Why: Copilot refuses the manifest.

    Fix: Add `range`, and a metric if there is a cooldown.
    """
    for variant, count in _counts(subject, *SERVICES):
        metrics = [name for name in (*_OF_A_TASK, *_OF_A_BALANCER, "queue_delay") if name in count]
        if metrics and "range" not in count and "spot" not in count:
            yield variant.hit(("count", metrics[0]), f"`{metrics[0]}` without `range`")
        if "cooldown" in count and not metrics:
            yield variant.hit(("count", "cooldown"), "`cooldown` without a metric")


@rule(Severity.ERROR, _COUNT)
def metric_without_value(subject: Subject) -> Iterator[Hit]:
    """A service scales by a percentage that has a cooldown but no value.

    Why: Copilot crashes on the manifest.

    Fix: Add `value`, such as 70.
    """
    for variant, name in _valueless(subject, _OF_A_TASK):
        yield variant.hit(("count", name), f"`{name}` has no `value`")


@rule(Severity.WARNING, _COUNT)
def scaling_without_effect(subject: Subject) -> Iterator[Hit]:
    """A service scales by requests or response time without a value.

    Why: Copilot creates no policy, so nothing scales by this metric.

    Fix: Add `value`.
    """
    for variant, name in _valueless(subject, _OF_A_BALANCER):
        yield variant.hit(("count", name), f"`{name}` has no `value`")


def _valueless(subject: Subject, names: tuple[str, ...]) -> Iterator[tuple[Variant, str]]:
    for variant, count in _counts(subject, *SERVICES):
        for name in names:
            metric = count.get(name)
            if isinstance(metric, dict) and metric and metric.get("value") is None:
                yield variant, name


@rule(Severity.ERROR, _QUEUE_DELAY)
def queue_delay_times(subject: Subject) -> Iterator[Hit]:
    """The two durations of a Worker Service's `queue_delay` do not fit.

    Why: Copilot refuses the manifest. If both are missing, it crashes.

    Fix: Give `acceptable_latency` and `msg_processing_time`, both above 0, the second not longer
    than the first.
    """
    for variant, count in _counts(subject, WORKER):
        delay = count.get("queue_delay")
        if not isinstance(delay, dict) or not delay:
            continue
        at = ("count", "queue_delay")
        for name in _DELAYS:
            if delay.get(name) is None:
                yield variant.hit(at, f"`{name}` is missing")
            elif not variant.seconds_at(*at, name) and "$" not in str(delay[name]):
                # Copilot reads 0 for what it cannot read: see `value-passed-over`.
                yield variant.hit((*at, name), f"`{name}` is 0")
        latency, takes = (variant.seconds_at(*at, name) for name in _DELAYS)
        if latency and takes and takes > latency:
            message = f"a message takes {takes:g} s and may wait {latency:g} s"
            yield variant.hit((*at, _DELAYS[1]), message)


@rule(Severity.WARNING, _QUEUE_DELAY)
def never_starts(subject: Subject) -> Iterator[Hit]:
    """A Worker Service that scales to zero needs two messages to start a task.

    Why: The target is 1 (latency divided by processing time), so one message alone waits for ever.

    Fix: Keep one task with `range: 1-…`, or let `ops` scale by the queue from zero.
    """
    for variant, count in _counts(subject, WORKER):
        task_range = band(variant.data)
        if (
            "queue_delay" not in count
            or task_range is None
            or task_range.least > 0
            or task_range.most == 0
        ):
            continue
        at = ("count", "queue_delay")
        latency, takes = (variant.seconds_at(*at, name) for name in _DELAYS)
        if latency and takes and 0 < takes <= latency and ceil(latency / takes) == 1:
            yield variant.hit(at, "the target is 1, and one message does not exceed it")
