"""Queues as templates and manifests declare them, against the tasks that work them off."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ops.check.files.brokers import on_sqs
from ops.check.finding import Hit, Severity
from ops.check.manifest.tasks import celery_workers, time_limit
from ops.check.registry import rule
from ops.check.subject.model import Addon, Subject
from ops.check.subject.plain import dig, mapping, number
from ops.copilot.workload import WORKER

_QUEUE = "AWS::SQS::Queue"
_VISIBILITY = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html"
_DEAD_LETTERS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html"
_SUBSCRIBE = "https://aws.github.io/copilot-cli/docs/manifest/worker-service/#subscribe-queue"

# SQS's own defaults, in seconds.
_DEFAULT_VISIBILITY = 30
_DEFAULT_RETENTION = 345_600

# Policies that accept dead letters; a queue with `denyAll` is not a dead-letter queue.
_TAKES = ("allowAll", "byQueue")


@dataclass(frozen=True)
class _Queue:
    """A queue of a template."""

    addon: Addon
    name: str
    properties: dict[str, Any]
    is_dead_letters: bool

    @property
    def redrive(self) -> dict[str, Any]:
        return mapping(self.properties.get("RedrivePolicy"))

    def seconds(self, name: str, default: int) -> int | None:
        """Return an attribute in seconds; None if only a deployment knows it."""
        written = self.properties.get(name)
        return default if written is None else number(written)

    def hit(self, at: str, message: str) -> Hit:
        return self.addon.hit(("Resources", self.name, "Properties", at), message)


def _queues(subject: Subject) -> list[_Queue]:
    queues = []
    for addon in subject.addons:
        resources = dict(addon.resources(_QUEUE))
        policies = [dig(value, "Properties", "RedrivePolicy") for value in resources.values()]
        targets = [dig(policy, "deadLetterTargetArn") for policy in policies]
        for name, resource in resources.items():
            properties = mapping(resource.get("Properties"))
            # Another queue sends its failures there, or it says of itself whose it takes.
            takes = dig(properties, "RedriveAllowPolicy", "redrivePermission")
            dead = takes in _TAKES or any(_refers(target, name) for target in targets)
            queues.append(_Queue(addon, name, properties, is_dead_letters=dead))
    return queues


def _target(queue: _Queue, queues: list[_Queue]) -> _Queue | None:
    arn = queue.redrive.get("deadLetterTargetArn")
    near = [other for other in queues if other.addon is queue.addon and other is not queue]
    return next((other for other in near if _refers(arn, other.name)), None)


def _worked_off(queues: list[_Queue], workload: str) -> list[_Queue]:
    """Return the queues that a worker may consume: its own, or the environment's only one."""
    there = [queue for queue in queues if not queue.is_dead_letters]
    own = [queue for queue in there if queue.addon.workload == workload]
    shared = [queue for queue in there if queue.addon.workload is None]
    return own or (shared if len(shared) == 1 else [])


def _refers(value: object, name: str) -> bool:
    """Return whether a value refers to a resource: by Ref, GetAtt or `${…}` in a text."""
    return re.search(rf"(?:'|\$\{{){re.escape(name)}(?:\.\w+)?[}}']", str(value)) is not None


@rule(Severity.WARNING, _DEAD_LETTERS)
def no_dead_letters(subject: Subject) -> Iterator[Hit]:
    """A queue has no dead-letter queue.

    Why: A message that fails comes back until its retention ends.

    Fix: Add a `RedrivePolicy` with a dead-letter queue and `maxReceiveCount`.
    """
    for queue in _queues(subject):
        if not queue.is_dead_letters and "RedrivePolicy" not in queue.properties:
            yield queue.addon.hit(("Resources", queue.name), f"`{queue.name}` has no RedrivePolicy")


@rule(Severity.WARNING, _DEAD_LETTERS)
def one_receive(subject: Subject) -> Iterator[Hit]:
    """A message becomes a dead letter after one attempt.

    Why: An interruption by Spot, a deployment or a scale-in counts as an attempt.

    Fix: Allow some attempts, such as 5.
    """
    for queue in _queues(subject):
        if number(queue.redrive.get("maxReceiveCount")) == 1:
            yield queue.hit("RedrivePolicy", f"`{queue.name}` allows one attempt")
    for variant in subject.variants(WORKER):
        at = ("subscribe", "queue", "dead_letter", "tries")
        if number(dig(variant.data, *at)) == 1:
            yield variant.hit(at, "one attempt")


@rule(Severity.WARNING, _DEAD_LETTERS)
def dead_letters_expire(subject: Subject) -> Iterator[Hit]:
    """A dead-letter queue keeps messages no longer than the source queue.

    Why: A message's age counts from its first queue (not in FIFO queues), so a dead letter may be
    deleted unseen.

    Fix: Set the dead-letter queue's `MessageRetentionPeriod` to 1209600 (14 days).
    """
    queues = _queues(subject)
    for queue in queues:
        target = None if queue.properties.get("FifoQueue") else _target(queue, queues)
        first = queue.seconds("MessageRetentionPeriod", _DEFAULT_RETENTION)
        last = target.seconds("MessageRetentionPeriod", _DEFAULT_RETENTION) if target else None
        if target and first is not None and last is not None and last <= first < 1_209_600:
            message = f"`{target.name}` keeps {last} s, `{queue.name}` {first} s"
            yield target.hit("MessageRetentionPeriod", message)


@rule(Severity.WARNING, _VISIBILITY)
def visibility_timeout_too_short(subject: Subject) -> Iterator[Hit]:
    """A queue hides a message for a shorter time than a Celery task may take.

    Why: SQS delivers the message again while a worker still processes it. Celery's
    `visibility_timeout` counts only if Celery creates the queue.

    Fix: Set `VisibilityTimeout` to more than a task may take, with a margin.
    """
    queues = _queues(subject)
    for variant, runs in celery_workers(subject):
        limit = time_limit(runs)
        for queue in _worked_off(queues, variant.workload) if on_sqs(subject, variant) else ():
            hidden = queue.seconds("VisibilityTimeout", _DEFAULT_VISIBILITY)
            if hidden is None:
                continue
            if limit is not None and hidden <= limit:
                message = f"{hidden} s, but a task of `{variant.workload}` may take {limit} s"
                yield queue.hit("VisibilityTimeout", message)
            elif limit is None and "VisibilityTimeout" not in queue.properties:
                message = f"{hidden} s by default, and `{variant.workload}` has no --time-limit"
                yield queue.hit("VisibilityTimeout", message)


@rule(Severity.WARNING, _SUBSCRIBE)
def worker_queue_timeout(subject: Subject) -> Iterator[Hit]:
    """A Worker Service's messages come back before they are processed.

    Why: After `subscribe.queue.timeout` (30 s by default) SQS delivers a message again.

    Fix: Set `subscribe.queue.timeout` above `msg_processing_time`.
    """
    for variant in subject.variants(WORKER):
        at = ("subscribe", "queue", "timeout")
        written = dig(variant.data, *at)
        hidden = _DEFAULT_VISIBILITY if written is None else variant.seconds_at(*at)
        takes = variant.seconds_at("count", "queue_delay", "msg_processing_time")
        if hidden is not None and takes is not None and hidden <= takes:
            place = at if written is not None else ("count", "queue_delay", "msg_processing_time")
            yield variant.hit(place, f"hidden for {hidden:g} s, processed for {takes:g} s")


@rule(
    Severity.WARNING,
    "https://aws.github.io/copilot-cli/docs/manifest/worker-service/#deployment-rollback-alarms",
)
def delayed_is_no_backlog(subject: Subject) -> Iterator[Hit]:
    """A rollback alarm watches delayed messages.

    Why: `messages_delayed` counts messages sent with a delay, and stays 0 however long the queue
    grows.

    Fix: Name your own alarm on ApproximateAgeOfOldestMessage in `rollback_alarms`.
    """
    for variant in subject.variants(WORKER):
        at = ("deployment", "rollback_alarms", "messages_delayed")
        if (
            dig(variant.data, *at) is not None
            and variant.seconds_at("subscribe", "queue", "delay") is None
        ):
            yield variant.hit(at, "no message of this queue is sent with a delay")
