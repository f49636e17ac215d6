"""EventBridge: the rules of the default bus see ECS's events, and their targets get them.

Topics, queues, log groups and state machines are targets that can get them here.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import queue
import re
import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import AWSError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.utils import unix_time_millis
from moto.events.models import EventsBackend, events_backends
from moto.logs.models import logs_backends
from moto.sqs.models import sqs_backends
from moto.stepfunctions.exceptions import StateMachineDoesNotExist
from moto.stepfunctions.models import StepFunctionBackend, stepfunctions_backends

from ops.local.locks import lock_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from moto.events.models import Rule

    from ops.local.metrics.clock import Clock
    from ops.local.plane.journal import Journal

_PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.-]+)>")


@dataclass(frozen=True)
class Event:
    """An event of ECS."""

    kind: str
    """EventBridge's `detail-type`."""
    resources: tuple[str, ...]
    detail: Mapping[str, Any]


class EventBridge:
    """Delivers events in its own thread, because senders hold locks."""

    def __init__(
        self,
        region: str,
        clock: Clock,
        journal: Journal,
        publish: Callable[[str, str, str], int],
        report: Callable[[str], None],
    ) -> None:
        self._region = region
        self._clock = clock
        self._journal = journal
        self._publish = publish
        self._report = report
        self._events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="events", daemon=True).start()

    def send(self, event: Event) -> None:
        """Send an event to every rule that matches it."""
        moment = datetime.fromtimestamp(self._clock.now(), UTC)
        self._events.put(
            {
                "version": "0",
                "id": str(uuid.uuid4()),
                "detail-type": event.kind,
                "source": "aws.ecs",
                "account": DEFAULT_ACCOUNT_ID,
                "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
                "region": self._region,
                "resources": list(event.resources),
                # As JSON, so that nobody sees a later change of it.
                "detail": json.loads(json.dumps(event.detail, default=str)),
            }
        )

    def _run(self) -> None:
        while True:
            event = self._events.get()
            try:
                self._match(event)
            except Exception as error:  # noqa: BLE001 - reported; later events must go on
                self._report(f"An event could not be delivered: {error!r}")

    def _match(self, event: dict[str, Any]) -> None:
        with lock_of(EventsBackend):
            bus = events_backends[DEFAULT_ACCOUNT_ID][self._region].event_buses["default"]
            rules = [rule for rule in bus.rules.values() if _matches(rule, event)]
        for rule in rules:
            for target in list(rule.targets):
                reached = self.deliver(target["Arn"], input_of(target, event))
                self._journal.add(
                    self._clock.now(),
                    "event",
                    rule.name,
                    f"the pattern matches: to {target['Arn']}",
                    event=event["detail-type"],
                    resources=event["resources"],
                    delivered=reached,
                )

    def deliver(self, arn: str, text: str) -> bool:
        """Send a text to a target; return whether such a target exists here."""
        service, name = arn.split(":")[2], arn.rsplit(":", 1)[-1]
        match service:
            case "sns":
                self._publish(arn, "AWS Notification Message", text)
            case "sqs":
                queues = sqs_backends[DEFAULT_ACCOUNT_ID][self._region]
                if name not in queues.queues:
                    return False
                queues.send_message(name, text)
            case "logs":
                logs = logs_backends[DEFAULT_ACCOUNT_ID][self._region]
                group = name.removeprefix("log-group:")
                if group not in logs.groups:
                    return False
                stream = str(uuid.uuid4())
                logs.create_log_stream(group, stream)
                logs.put_log_events(
                    group, stream, [{"timestamp": int(unix_time_millis()), "message": text}]
                )
            case "states":
                return self._execute(arn, text)
            case _:
                return False
        return True

    def _execute(self, arn: str, text: str) -> bool:
        """Start an execution of a state machine."""
        with lock_of(StepFunctionBackend):
            try:
                stepfunctions_backends[DEFAULT_ACCOUNT_ID][self._region].start_execution(
                    arn, "", text
                )
            except StateMachineDoesNotExist:
                return False
            except AWSError as error:
                self._report(str(error))
                return False
        return True


def input_of(target: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """Return a target's input: the event, or a text made from it by the target's settings."""
    if target.get("Input"):
        return str(target["Input"])
    if path := target.get("InputPath"):
        return json.dumps(_at(path, event))
    transformer = target.get("InputTransformer")
    if not transformer:
        return json.dumps(event)
    paths = transformer.get("InputPathsMap") or {}
    values = {name: _at(path, event) for name, path in paths.items()}
    template = str(transformer["InputTemplate"])
    return _PLACEHOLDER.sub(lambda match: _shown(values.get(match[1], "")), template)


def _shown(value: Any) -> str:
    """Return a value as a template shows it: text without quotes, other values as JSON."""
    return json.dumps(value)[1:-1] if isinstance(value, str) else json.dumps(value)


def _at(path: str, event: Mapping[str, Any]) -> Any:
    """Return the value at a path such as `$.detail.reason`; an empty text without that field."""
    value: Any = event
    for name in path.removeprefix("$").strip(".").split("."):
        if name:
            value = value.get(name, "") if isinstance(value, dict) else ""
    return value


def _matches(rule: Rule, event: dict[str, Any]) -> bool:
    pattern: Any = rule.event_pattern
    return rule.state == "ENABLED" and bool(
        pattern.get_pattern() and pattern.matches_event(_without_lists(event))
    )


def _without_lists(value: Any) -> Any:
    """Turn a list of objects into an object of lists: a pattern looks into each of them, and moto
    into none.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-arrays.html
    """
    if isinstance(value, dict):
        return {name: _without_lists(part) for name, part in value.items()}
    if isinstance(value, list) and value and all(isinstance(entry, dict) for entry in value):
        names = dict.fromkeys(name for entry in value for name in entry)
        return {name: [entry[name] for entry in value if name in entry] for name in names}
    return value
