"""The section `scaling` of a service's `ops.yml`."""

from pydantic import Field

from ops.fields import Duration, Number, Section, Text


class QueueDepth(Section):
    """Keep the visible messages of an SQS queue at a target by adding and removing tasks."""

    queue: Text  # the queue's name
    target: Number = Field(gt=0)  # visible messages, for the whole service
    scale_out_cooldown: Duration | None = None
    scale_in_cooldown: Duration | None = None


class Settings(Section):
    """The policies of a service, one field for each way to scale."""

    queue_depth: QueueDepth | None = None
