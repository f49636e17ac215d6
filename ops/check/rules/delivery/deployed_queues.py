"""Queues in AWS that `ops.yml` files name, checked with --live."""

import json
from collections.abc import Iterator

from ops.check.aws.references import queue_names, queues
from ops.check.files.ops_files import hit_in
from ops.check.finding import Hit, Severity
from ops.check.manifest.tasks import celery_workers, time_limit
from ops.check.registry import Needs, rule
from ops.check.subject.model import Subject
from ops.check.subject.plain import dig, number

_QUEUE = ("queue", "name")


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
    needs=Needs.AWS,
)
def queue_missing(subject: Subject) -> Iterator[Hit]:
    """A queue that an `ops.yml` names does not exist.

    Why: Its metrics stay empty, so nothing scales or alarms.

    Fix: Deploy the stack that creates the queue, or correct its name.
    """
    queues = subject.in_aws.queues
    for variant, at, name in queue_names(subject):
        if name in queues and queues[name] is None:
            yield hit_in(subject, variant, at, f"the queue `{name}` does not exist")


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
    needs=Needs.AWS,
)
def queue_without_redrive(subject: Subject) -> Iterator[Hit]:
    """A queue in AWS has no dead-letter queue.

    Why: A message that fails comes back until its retention ends.

    Fix: Add a redrive policy to the queue.
    """
    for variant, queue in queues(subject):
        name, attributes = queue.name, subject.in_aws.queues.get(queue.name)
        if attributes is not None and not attributes.get("RedrivePolicy"):
            yield hit_in(subject, variant, _QUEUE, f"`{name}` has no redrive policy")
        elif attributes is not None:
            count = number(dig(_json(attributes["RedrivePolicy"]), "maxReceiveCount"))
            if count == 1:
                yield hit_in(subject, variant, _QUEUE, f"`{name}` allows one attempt")


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html",
    needs=Needs.AWS,
)
def dead_letters_elsewhere(subject: Subject) -> Iterator[Hit]:
    """A queue in AWS has another dead-letter queue than its `ops.yml` names.

    Why: The alarms watch a queue that stays empty.

    Fix: Write the name from the redrive policy as `dead_letters`.
    """
    for variant, queue in queues(subject):
        attributes = subject.in_aws.queues.get(queue.name) or {}
        policy = _json(attributes.get("RedrivePolicy", "{}"))
        target = str(dig(policy, "deadLetterTargetArn") or "").rsplit(":", 1)[-1]
        if target and queue.dead_letters not in (None, target):
            message = f"`{queue.name}` sends its dead letters to `{target}`"
            yield hit_in(subject, variant, ("queue", "dead_letters"), message)


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html",
    needs=Needs.AWS,
)
def queue_visibility(subject: Subject) -> Iterator[Hit]:
    """A queue's visibility timeout in AWS is shorter than a Celery task may take.

    Why: A long task runs twice at the same time.

    Fix: Raise the queue's visibility timeout above the limit of a task.
    """
    limits = {variant.workload: time_limit(runs) for variant, runs in celery_workers(subject)}
    for variant, queue in queues(subject):
        name, attributes = queue.name, subject.in_aws.queues.get(queue.name)
        limit = limits.get(variant.workload)
        hidden = int(attributes.get("VisibilityTimeout", "30")) if attributes is not None else None
        if hidden is not None and limit is not None and hidden <= limit:
            yield hit_in(
                subject,
                variant,
                _QUEUE,
                f"`{name}` hides a message for {hidden} s, but a task may take {limit} s",
            )


def _json(text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        return None
    return value
