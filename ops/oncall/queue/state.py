"""The state of a queue. Pure data."""

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class QueueState:
    """A queue at one moment: its settings and message counts. Times are seconds.

    Counts are SQS's own, which are approximate.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
    """

    name: str
    visible: int
    in_flight: int
    delayed: int
    visibility_timeout: int | None  # None where only CloudWatch was asked
    retention: int | None
    max_receives: int | None = None  # None where nothing dead-letters its messages
    dead_letters: str | None = None  # that queue; without `max_receives` as files name it
    dead: int | None = None  # messages in that, as far as it was asked
    age: float | None = None  # of the oldest message; None where CloudWatch has no value
    sent: float | None = None  # messages a minute, over the last ten; None where not asked
    deleted: float | None = None

    @classmethod
    def from_attributes(cls, name: str, attributes: Mapping[str, str]) -> "QueueState":
        """Read the answer of GetQueueAttributes."""
        redrive = json.loads(attributes.get("RedrivePolicy") or "{}")
        arn = redrive.get("deadLetterTargetArn")
        return cls(
            name=name,
            visible=int(attributes["ApproximateNumberOfMessages"]),
            in_flight=int(attributes["ApproximateNumberOfMessagesNotVisible"]),
            delayed=int(attributes["ApproximateNumberOfMessagesDelayed"]),
            visibility_timeout=int(attributes["VisibilityTimeout"]),
            retention=int(attributes["MessageRetentionPeriod"]),
            max_receives=int(redrive["maxReceiveCount"]) if "maxReceiveCount" in redrive else None,
            dead_letters=arn.rsplit(":", 1)[1] if arn else None,
        )

    @property
    def messages(self) -> int:
        """Return the number of all messages, visible or not."""
        return self.visible + self.in_flight + self.delayed

    def backlog_per_task(self, running: int) -> float | None:
        """Return the visible messages for each running task; None while no task runs.

        https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
        """
        return self.visible / running if running else None
