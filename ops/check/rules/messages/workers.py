"""Options of Celery workers whose broker is SQS."""

import re
from collections.abc import Iterator

from ops.check.files.brokers import on_sqs
from ops.check.finding import Hit, Severity
from ops.check.fixes.in_place import replacing
from ops.check.manifest.tasks import celery_workers
from ops.check.registry import rule
from ops.check.subject.model import Subject

_PREFETCH = re.compile(r"--prefetch-multiplier[= ](\d{1,9})")
_QUEUES = re.compile(r"(?:\s-Q\s*|--queues[= ])(\S+)")


@rule(
    Severity.WARNING,
    "https://docs.celeryq.dev/en/stable/userguide/optimizing.html#prefetch-limits",
)
def hoarded_messages(subject: Subject) -> Iterator[Hit]:
    """A Celery worker receives more messages from SQS than it processes.

    Why: Idle workers do not see the messages that it holds, SQS delivers some again, and the queue
    looks short.

    Fix: Write `--prefetch-multiplier=1`.
    """
    for variant, runs in celery_workers(subject):
        match = _PREFETCH.search(runs)
        if match and int(match[1]) != 1 and on_sqs(subject, variant):
            amount = "as many as there are" if int(match[1]) == 0 else f"{match[1]} a process"
            hit = variant.hit(("command",), f"it takes {amount}")
            yield replacing(subject.root, hit, match[0], f"{match[0].rstrip('0123456789')}1")


@rule(
    Severity.WARNING,
    "https://docs.celeryq.dev/projects/kombu/en/stable/reference/kombu.transport.SQS.html",
)
def queues_in_turn(subject: Subject) -> Iterator[Hit]:
    """A Celery worker receives messages from several SQS queues.

    Why: It waits up to 10 s at each empty queue, while messages wait in the next.

    Fix: Create a service for each queue.
    """
    for variant, runs in celery_workers(subject):
        match = _QUEUES.search(runs)
        if match and "," in match[1] and on_sqs(subject, variant):
            yield variant.hit(("command",), f"it polls {match[1].count(',') + 1} queues in turn")
