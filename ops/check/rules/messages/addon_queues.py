"""Queues of addons, against what SQS takes."""

import re
from collections.abc import Iterator
from typing import Any

from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Subject
from ops.check.subject.plain import Location, dig, mapping, number

_QUEUE = "AWS::SQS::Queue"
_RESOURCE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html"

# From the least to the most that SQS takes.
_LIMITS = {
    ("VisibilityTimeout",): (0, 43_200),
    ("DelaySeconds",): (0, 900),
    ("MessageRetentionPeriod",): (60, 1_209_600),
    ("ReceiveMessageWaitTimeSeconds",): (0, 20),
    ("RedrivePolicy", "maxReceiveCount"): (1, 1000),
}
_NAME = re.compile(r"[\w-]{1,80}|[\w-]{1,75}\.fifo", re.ASCII)
_FILLED_IN = re.compile(r"\$\{[^}]*\}")


@rule(Severity.ERROR, _RESOURCE)
def addon_queue_limits(subject: Subject) -> Iterator[Hit]:
    """A property of a queue in an addon is outside of SQS's limits.

    Why: The deployment fails: SQS refuses the queue.

    Fix: Keep `VisibilityTimeout` up to 12 hours, `DelaySeconds` up to 15 minutes,
    `MessageRetentionPeriod` between a minute and 14 days, and `maxReceiveCount` between 1 and 1000.
    """
    for addon in subject.addons:
        for name, resource in addon.resources(_QUEUE):
            properties = mapping(resource.get("Properties"))
            for path, (least, most) in _LIMITS.items():
                value = _whole(dig(properties, *path))
                if value is not None and not least <= value <= most:
                    at: Location = ("Resources", name, "Properties", *path)
                    yield addon.hit(at, f"{path[-1]} {value} is not between {least} and {most}")


@rule(Severity.ERROR, _RESOURCE)
def addon_queue_name(subject: Subject) -> Iterator[Hit]:
    """The name of a queue in an addon does not fit its kind.

    Why: The deployment fails: SQS refuses the queue.

    Fix: Give a FIFO queue `FifoQueue: true` and a name that ends in `.fifo`, others neither. Use up
    to 80 letters, digits, hyphens and underscores.
    """
    for addon in subject.addons:
        for name, resource in addon.resources(_QUEUE):
            properties = mapping(resource.get("Properties"))
            written = _text(properties.get("QueueName"))
            if written is None:
                continue
            at = ("Resources", name, "Properties", "QueueName")
            is_fifo = str(properties.get("FifoQueue")).lower() == "true"
            if written.endswith(".fifo") and not is_fifo:
                yield addon.hit(at, f"`{written}` without `FifoQueue: true`")
            elif is_fifo and not written.endswith((".fifo", "}")):
                yield addon.hit(at, f"`{written}` of a FIFO queue must end in `.fifo`")
            elif not _NAME.fullmatch(_FILLED_IN.sub("a", written)):
                yield addon.hit(at, f"`{written}` is not a valid name of a queue")


def _text(written: Any) -> str | None:  # noqa: ANN401  # a property
    """Return a name as it is written, or what a `!Sub` makes it from."""
    filled = dig(written, "Fn::Sub")
    if isinstance(filled, list) and filled:
        filled = filled[0]
    name = written if filled is None else filled
    return name if isinstance(name, str) else None


def _whole(written: object) -> int | None:
    """Return a number, which CloudFormation also reads from text."""
    if isinstance(written, str) and re.fullmatch(r"-?\d{1,12}", written, re.ASCII):
        return int(written)
    return number(written)
