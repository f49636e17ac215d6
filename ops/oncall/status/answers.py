"""Conversion of AWS's API answers to the parts of a snapshot. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from ops.oncall.logs.event import MESSAGE_FIELDS, TRACE_FIELDS, LogEvent
from ops.oncall.status.releases import failure_of
from ops.oncall.status.snapshot import (
    Alarm,
    Counts,
    Deployment,
    Health,
    Stopped,
)

Answer: TypeAlias = Mapping[str, Any]

_HEALTHY_TARGETS = ("healthy",)
_UNKNOWN_TARGETS = ("initial", "draining", "unused", "unavailable")


def counts_of(service: Answer) -> Counts:
    """Return the counts of a service from DescribeServices."""
    return Counts(
        service["desiredCount"],
        service["runningCount"],
        service["pendingCount"],
        tuple(_deployment(deployment) for deployment in service.get("deployments", [])),
        next((event["message"] for event in service.get("events", [])), ""),
        failure_of(service.get("events", [])),
    )


def _deployment(answer: Answer) -> Deployment:
    return Deployment(
        status=answer["status"],
        rollout=answer.get("rolloutState", "COMPLETED"),
        reason=answer.get("rolloutStateReason", ""),
        revision=answer["taskDefinition"].rsplit("/", 1)[-1],
        desired=answer["desiredCount"],
        running=answer["runningCount"],
        pending=answer["pendingCount"],
        failed=answer.get("failedTasks", 0),
        began=answer.get("createdAt"),
    )


def health_of(tasks: Iterable[Answer]) -> Health:
    """Count the running tasks of DescribeTasks by health."""
    running = (task for task in tasks if task["lastStatus"] == "RUNNING")
    states = [task.get("healthStatus", "UNKNOWN") for task in running]
    return Health(
        states.count("HEALTHY"),
        states.count("UNHEALTHY"),
        len(states) - states.count("HEALTHY") - states.count("UNHEALTHY"),
    )


def stopped_of(task: Answer) -> Stopped | None:
    """Return a task that stopped unexpectedly, from DescribeTasks; None if its service stopped
    it.

    A service stops tasks to scale in or to deploy. If a health check fails, too; that reason
    begins with "Task failed".
    """
    code, reason = task.get("stopCode", ""), task.get("stoppedReason", "")
    if task.get("lastStatus", "STOPPED") != "STOPPED":
        return None
    if code == "ServiceSchedulerInitiated" and not reason.startswith("Task failed"):
        return None
    exits = [
        f"{container['name']} {_ended(container)}"
        for container in task.get("containers", [])
        if container.get("reason") or container.get("exitCode")
    ]
    codes = f" ({', '.join(exits)})" if exits else ""
    return Stopped(
        task.get("stoppedAt"),
        f"{reason.rstrip('.') or code}{codes}",
        task=task.get("taskArn", "").rsplit("/", 1)[-1],
        revision=task.get("taskDefinitionArn", "").rsplit("/", 1)[-1],
        deployment=task.get("startedBy", ""),
        container=_ending(task.get("containers", [])),
    )


def _ending(containers: Sequence[Answer]) -> str:
    """Return the container that ended a task: a failed one, else the first."""
    failed = [
        container["name"]
        for container in containers
        if container.get("exitCode") or container.get("reason")
    ]
    return next(iter(failed or (container["name"] for container in containers)), "")


def last_line_of(events: Sequence[LogEvent]) -> str | None:
    """Return the last log line on one line: for a structured line, its text and the end of its
    exception.
    """
    for event in reversed(events):
        text = str(event.first_of(MESSAGE_FIELDS) or "") if event.fields else event.message
        trace = str(event.first_of(TRACE_FIELDS) or "").strip()
        lines = [*text.strip().splitlines()[-1:], *trace.splitlines()[-1:]]
        if lines:
            return ": ".join(lines)
    return None


def _ended(container: Answer) -> str:
    code = container.get("exitCode")
    parts = [f"exited with {code}"] if code is not None else []
    return ": ".join([*parts, *([container["reason"]] if container.get("reason") else [])])


def targets_of(answer: Answer) -> Health:
    """Count the targets of DescribeTargetHealth; one that registers or drains counts as neither
    healthy nor unhealthy.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
    """
    states = [
        description["TargetHealth"]["State"] for description in answer["TargetHealthDescriptions"]
    ]
    healthy = sum(state in _HEALTHY_TARGETS for state in states)
    unknown = sum(state in _UNKNOWN_TARGETS for state in states)
    return Health(healthy, len(states) - healthy - unknown, unknown)


def alarm_of(answer: Answer) -> Alarm:
    """Return a metric or composite alarm of DescribeAlarms."""
    since = answer.get("StateTransitionedTimestamp") or answer.get("StateUpdatedTimestamp")
    return Alarm(
        name=answer["AlarmName"],
        state=answer["StateValue"],
        since=since,
        reason=answer.get("StateReason", ""),
        rises=not answer.get("ComparisonOperator", "").startswith("LessThan"),
        silenced=not answer.get("ActionsEnabled", True),
    )
