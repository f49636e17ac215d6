"""The desired EventBridge rules of a service. Pure: settings and names in, properties out.

Properties are the parameters of PutRule and, as `Target`, our target of PutTargets. The pattern is
JSON with sorted keys, so that it is compared as a whole:
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from ops.copilot.place import ServicePlace
from ops.kinds.alarms.alarm import Severity
from ops.kinds.description import described
from ops.kinds.events.settings import Event, Name, Settings
from ops.kinds.topics.names import events_role, notified
from ops.plan.model import Json, Resource

_LONGEST_NAME = 64  # of a rule
_OUT_OF_MEMORY: Json = [{"prefix": "OutOfMemory"}]


@dataclass(frozen=True)
class Preset:
    """An event of a preset. `why` is the path to the reason in the event."""

    summary: str
    severity: Severity
    kind: str  # EventBridge's `detail-type`
    detail: Mapping[str, Json]
    why: Mapping[str, str]


# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
# A task reports each of its states; a pattern on the last one matches once.
PRESET: Mapping[Name, Preset] = {
    "deploy-failed": Preset(
        "A deployment failed; the circuit breaker or an alarm ended it.",
        "page",
        "ECS Deployment State Change",
        {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
        {"reason": "$.detail.reason", "which": "$.detail.deploymentId"},
    ),
    "task-oom": Preset(
        "A task was killed because it ran out of memory.",
        "warn",
        "ECS Task State Change",
        {
            "lastStatus": ["STOPPED"],
            # The container's reason (with exit code 137) or the task's: not every 137 means this.
            "$or": [
                {"stoppedReason": _OUT_OF_MEMORY},
                {"containers": {"reason": _OUT_OF_MEMORY}},
            ],
        },
        {"reason": "$.detail.stoppedReason", "which": "$.detail.taskArn"},
    ),
    # AWS has documented two stop codes: `SpotInterruption` today, `TerminationNotice` until 2023.
    # Events have come with neither, and with this reason:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
    # https://github.com/aws/containers-roadmap/issues/1565
    "spot-interrupted": Preset(
        "Fargate took the capacity of a Spot task back; ECS starts another.",
        "info",
        "ECS Task State Change",
        {
            "lastStatus": ["STOPPED"],
            "$or": [
                {"stopCode": ["SpotInterruption", "TerminationNotice"]},
                {"stoppedReason": [{"prefix": "Your Spot Task was interrupted"}]},
            ],
        },
        {"reason": "$.detail.stoppedReason", "which": "$.detail.taskArn"},
    ),
}


def desired(settings: Settings, place: ServicePlace) -> list[Resource]:
    """Return a rule for each event whose severity has a topic."""
    topics = notified(place)
    return [
        Resource(
            rule_name(name, place),
            {
                "Description": described(
                    name, event.summary or "", event.runbook, settings.runbooks, place.service
                ),
                "EventPattern": _pattern(PRESET[name], place),
                "Target": _target(name, event, settings, place, topics[event.severity or ""]),
            },
            place.tags,
            declared_at=("events", "define", name),
        )
        for name, event in _events(settings)
        if event.severity in topics
    ]


def warnings(settings: Settings, place: ServicePlace) -> list[str]:
    """Return the events without a topic."""
    topics = notified(place)
    return [
        f"`{name}` of `{place.service}` has no rule: copilot/ops.yml has no topic "
        f"`{event.severity}` for it"
        for name, event in _events(settings)
        if event.severity not in topics
    ]


def rule_name(event: str, place: ServicePlace) -> str:
    """Return a rule's name. A name that is too long ends with a digest."""
    name = f"{place.application}-{place.environment}-{place.service}-{event}"
    if len(name) <= _LONGEST_NAME:
        return name
    digest = sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST_NAME - len(digest) - 1]}-{digest}"


def _events(settings: Settings) -> Iterator[tuple[Name, Event]]:
    for name, preset in PRESET.items():
        change = settings.define.get(name, Event())
        if change is not None:
            yield (
                name,
                Event(
                    summary=change.summary or preset.summary,
                    severity=change.severity or preset.severity,
                    runbook=change.runbook,
                ),
            )


def _pattern(preset: Preset, place: ServicePlace) -> str:
    stack = place.stack
    ecs = f"arn:{stack.partition}:ecs:{stack.region}:{stack.account}"
    if preset.kind == "ECS Deployment State Change":
        where: dict[str, Json] = {
            "resources": [f"{ecs}:service/{stack.cluster}/{stack.service}"],
            "detail": preset.detail,
        }
    else:
        of_service = {
            "clusterArn": [f"{ecs}:cluster/{stack.cluster}"],
            "group": [f"service:{stack.service}"],
        }
        where = {"detail": {**preset.detail, **of_service}}
    return as_text({"source": ["aws.ecs"], "detail-type": [preset.kind], **where})


def as_text(pattern: Json) -> str:
    """Format a pattern for comparison."""
    return json.dumps(pattern, sort_keys=True)


def _target(name: Name, event: Event, settings: Settings, place: ServicePlace, topic: str) -> Json:
    """Return the target. Its message is one JSON string, which SNS passes on to mails.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    """
    text = described(name, event.summary or "", event.runbook, settings.runbooks, place.service)
    head = f"{place.application} {place.environment} {place.service}: {name}."
    # Angle brackets are placeholders there.
    own = json.dumps(f"{head} {text}", ensure_ascii=False)[1:-1]
    own = own.replace("<", "(").replace(">", ")")
    return {
        "Arn": topic,
        "RoleArn": events_role(place),
        "Input": None,
        "InputPath": None,
        "InputTransformer": {
            "InputPathsMap": {**PRESET[name].why, "time": "$.time"},
            "InputTemplate": f'"{own} Reason: <reason> (<which>, <time>)"',
        },
    }
