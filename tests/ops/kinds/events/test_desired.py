"""Events: the desired rules, the events that they match, and their messages."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import EventPattern
from moto.events.utils import EventTemplateParser
from pydantic import ValidationError

from ops.copilot.place import ServicePlace, ServiceStack
from ops.kinds.description import described
from ops.kinds.events.desired import PRESET, as_text, desired, rule_name, warnings
from ops.kinds.events.settings import Settings
from ops.kinds.topics.settings import Settings as Topics

RUNBOOKS = Path(__file__).parents[4] / "docs" / "runbooks"
ARN = "arn:aws:sns:eu-central-1:123456789012:shop-prod-"
STACK = ServiceStack(
    "shop-prod-web", "shop-prod", "shop-web", account="123456789012", region="eu-central-1"
)
TARGETS = {each: f"{ARN}{each}" for each in ("page", "warn", "info")}


def place(service: str = "web", severities: Iterable[str] = TARGETS) -> ServicePlace:
    topics = Topics.model_validate({each: {} for each in severities})
    return ServicePlace("shop", "prod", service, STACK, shared={"topics": topics})


def rules(**define: object) -> dict[str, Any]:
    settings = Settings.model_validate(
        {"preset": "service", "runbooks": "docs/runbooks", "define": define}
    )
    wanted = desired(settings, place())
    return {each.name.removeprefix("shop-prod-web-"): each.properties for each in wanted}


def deployment(**detail: object) -> dict[str, Any]:
    return {
        "source": "aws.ecs",
        "detail-type": "ECS Deployment State Change",
        "time": "2026-11-25T03:00:00Z",
        "resources": ["arn:aws:ecs:eu-central-1:123456789012:service/shop-prod/shop-web"],
        "detail": {
            "eventName": "SERVICE_DEPLOYMENT_FAILED",
            "deploymentId": "ecs-svc/123",
            "reason": "ECS deployment circuit breaker: tasks failed to start.",
            **detail,
        },
    }


def task(**detail: object) -> dict[str, Any]:
    return {
        "source": "aws.ecs",
        "detail-type": "ECS Task State Change",
        "time": "2026-11-25T03:00:00Z",
        "detail": {
            "clusterArn": "arn:aws:ecs:eu-central-1:123456789012:cluster/shop-prod",
            "group": "service:shop-web",
            "lastStatus": "STOPPED",
            "stopCode": "EssentialContainerExited",
            "stoppedReason": "Essential container in task exited",
            "taskArn": "arn:aws:ecs:eu-central-1:123456789012:task/shop-prod/abc",
            "containers": [{"name": "web", "exitCode": 0}],
            **detail,
        },
    }


def without(field: str, event: dict[str, Any]) -> dict[str, Any]:
    detail = {key: value for key, value in event["detail"].items() if key != field}
    return {**event, "detail": detail}


KILLED = "OutOfMemoryError: Container killed due to memory usage"
SPOT = {"stopCode": "SpotInterruption", "stoppedReason": "Your Spot Task was interrupted."}
SCALED_IN = "Scaling activity initiated by (deployment ecs-svc/1)"


def matching(event: dict[str, Any]) -> set[str]:
    """Return the rules that match the event. moto, unlike EventBridge, does not match in lists of
    objects.
    """
    detail = dict(event["detail"])
    if containers := detail.get("containers"):
        keys = {key for each in containers for key in each}
        detail["containers"] = {key: [each.get(key) for each in containers] for key in keys}
    flat: Any = {**event, "detail": detail}
    patterns = {name: json.loads(each["EventPattern"]) for name, each in rules().items()}
    return {
        name
        for name, pattern in patterns.items()
        if EventPattern(None, pattern).matches_event(flat)
    }


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (deployment(), {"deploy-failed"}),
        (deployment(eventName="SERVICE_DEPLOYMENT_COMPLETED"), set()),
        ({**deployment(), "resources": ["arn:aws:ecs:x:1:service/shop-prod/other"]}, set()),
        (task(), set()),
        (task(containers=[{"exitCode": 137}]), set()),  # killed after its stop timeout
        (task(containers=[{"exitCode": 0}, {"exitCode": 137, "reason": KILLED}]), {"task-oom"}),
        (task(stoppedReason=KILLED), {"task-oom"}),
        (task(stoppedReason=KILLED, group="service:other"), set()),
        (task(stoppedReason=KILLED, clusterArn="arn:aws:ecs:x:1:cluster/other"), set()),
        (task(**SPOT), {"spot-interrupted"}),
        (task(stopCode="TerminationNotice", stoppedReason="2 minutes"), {"spot-interrupted"}),
        (without("stopCode", task(**SPOT)), {"spot-interrupted"}),
        (without("stoppedReason", task(**SPOT)), {"spot-interrupted"}),
        (task(stopCode="ServiceSchedulerInitiated", stoppedReason=SCALED_IN), set()),
        (task(**SPOT, lastStatus="DEACTIVATING"), set()),
    ],
)
def test_each_rule_takes_its_event_once_and_of_its_service_alone(
    event: dict[str, Any], expected: set[str]
) -> None:
    assert matching(event) == expected


def test_the_message_says_what_why_and_what_to_do() -> None:
    target = rules()["deploy-failed"]["Target"]
    event: Any = {**deployment(), "ingestion-time": "2026-11-25T03:00:01Z"}
    said = EventTemplateParser.parse(
        target["InputTransformer"]["InputTemplate"],
        target["InputTransformer"]["InputPathsMap"],
        event,
    )
    assert "shop prod web: deploy-failed. A deployment failed" in str(said)
    assert "Runbook: docs/runbooks/deploy-failed.md (ops: copilot/web/ops.yml)" in str(said)
    assert "Reason: ECS deployment circuit breaker: tasks failed to start." in str(said)


def test_the_message_of_any_summary_is_a_json_string() -> None:
    odd = rules(**{"deploy-failed": {"summary": 'A "bad" <thing>\\n'}})["deploy-failed"]
    template = odd["Target"]["InputTransformer"]["InputTemplate"]
    assert 'A "bad" (thing)' in json.loads(template)
    assert "<thing>" not in template


def test_the_message_keeps_other_alphabets() -> None:
    odd = rules(**{"deploy-failed": {"summary": "Zu groß."}})["deploy-failed"]
    assert "Zu groß." in odd["Target"]["InputTransformer"]["InputTemplate"]


def test_a_description_is_as_long_as_eventbridge_takes() -> None:
    def declare(length: int) -> None:
        rest = described("task-oom", "", None, None, service="")
        event = {"summary": "s" * (length - len(rest))}
        Settings.model_validate({"preset": "service", "define": {"task-oom": event}})

    declare(512)
    with pytest.raises(ValidationError, match="makes a description of 513 characters"):
        declare(513)


def test_patterns_in_another_order_are_the_same() -> None:
    assert as_text({"a": 1, "b": 2}) == as_text({"b": 2, "a": 1})


def test_an_event_is_switched_off_by_either_word() -> None:
    schema = Settings.model_json_schema()
    assert {"enum": [False, "off"]} in schema["properties"]["define"]["additionalProperties"][
        "anyOf"
    ]
    for off in (False, "off"):
        assert "task-oom" not in rules(**{"task-oom": off})


def test_severities_are_those_of_the_preset_or_as_defined() -> None:
    assert {name: each["Target"]["Arn"] for name, each in rules().items()} == {
        "deploy-failed": TARGETS["page"],
        "task-oom": TARGETS["warn"],
        "spot-interrupted": TARGETS["info"],
    }
    changed = rules(**{"task-oom": {"severity": "page"}, "spot-interrupted": "off"})
    assert changed["task-oom"]["Target"]["Arn"] == TARGETS["page"]
    assert changed.keys() == {"deploy-failed", "task-oom"}


def test_a_severity_without_a_topic_makes_no_rule_and_says_so() -> None:
    silent = place(severities=["page"])
    settings = Settings(preset="service")
    assert [each.name for each in desired(settings, silent)] == ["shop-prod-web-deploy-failed"]
    assert len(warnings(settings, silent)) == 2
    assert "no topic `warn`" in warnings(settings, silent)[0]


def test_a_name_that_is_too_long_is_shortened_and_stays_unique() -> None:
    long = place(60 * "w")
    names = {rule_name(each, long) for each in PRESET}
    assert len(names) == len(PRESET)
    assert {len(name) for name in names} == {64}
    assert all(re.search(r"w-[0-9a-f]{8}$", name) for name in names)
    assert rule_name("task-oom", place(45 * "w")) == f"shop-prod-{45 * 'w'}-task-oom"
    assert rule_name("task-oom", place(46 * "w")) != f"shop-prod-{46 * 'w'}-task-oom"


def test_what_is_no_event_is_refused() -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"preset": "service", "define": {"deploy-faild": "off"}})
    with pytest.raises(ValidationError):
        Settings.model_validate({"preset": "service", "define": {"task-oom": "on"}})


def test_every_event_has_its_runbook() -> None:
    assert all((RUNBOOKS / f"{name}.md").is_file() for name in PRESET)
