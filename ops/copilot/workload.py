"""A service, as described by its manifest and its `ops.yml`. Pure data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import model_validator

from ops.base.fields import QueueName, Section

# Copilot's types: https://aws.github.io/copilot-cli/docs/concepts/services/ and …/concepts/jobs/
WEB = "Load Balanced Web Service"
BACKEND = "Backend Service"
WORKER = "Worker Service"
JOB = "Scheduled Job"
APP_RUNNER = "Request-Driven Web Service"
STATIC = "Static Site"
SERVICES = frozenset({WEB, BACKEND, WORKER})  # those of ECS
FARGATE = SERVICES | {JOB}
TYPES = (*sorted(FARGATE), APP_RUNNER, STATIC)

_RANGE = re.compile(r"(\d{1,9})-(\d{1,9})")


class Queue(Section):
    """The SQS queue that a service consumes; alarms, scaling, dashboards and `ops queue` use it.

    A Worker Service without this section consumes the queue that Copilot created for it.
    """

    name: QueueName
    dead_letters: QueueName | None = None  # the name of its dead-letter queue

    @model_validator(mode="after")
    def _check_dead_letters(self) -> "Queue":
        """Raise ValueError unless the dead-letter queue is another one of the same type.

        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
        """
        if self.dead_letters is None:
            return self
        if self.dead_letters == self.name:
            raise ValueError(f"names `{self.name}` as its own dead-letter queue")
        if self.dead_letters.endswith(".fifo") is not self.name.endswith(".fifo"):
            raise ValueError(
                "needs a dead-letter queue of its own kind: that of a FIFO queue is a FIFO queue, "
                "and that of a standard queue a standard queue"
            )
        return self


@dataclass(frozen=True)
class TaskRange:
    """The minimum and maximum number of tasks in a manifest; equal for a fixed count."""

    least: int
    most: int


@dataclass(frozen=True)
class TaskSize:
    """The task size that Fargate bills."""

    vcpus: float
    memory_gb: float


@dataclass(frozen=True)
class Workload:
    """A service in one environment. None is a value that the files do not have."""

    type: str = BACKEND  # as in the manifest
    tasks: TaskRange | None = None
    queue: Queue | None = None
    size: TaskSize | None = None
    follows_queue: bool = False  # by a policy of Copilot's own

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any], queue: Queue | None) -> "Workload":
        """Read a manifest with its environment's overrides applied.

        https://aws.github.io/copilot-cli/docs/manifest/backend-service/#count
        """
        count = manifest.get("count", 1)
        return cls(
            str(manifest.get("type")), _tasks(count), queue, _size(manifest), _follows_queue(count)
        )


def _size(manifest: Mapping[str, Any]) -> TaskSize | None:
    """Return the task size, with Copilot's defaults; None if it is not a number.

    https://aws.github.io/copilot-cli/docs/manifest/backend-service/#cpu
    """
    match manifest.get("cpu", 256), manifest.get("memory", 512):
        case int(units), int(mebibytes):
            return TaskSize(units / 1024, mebibytes / 1024)
        case _:  # such as ${CPU}
            return None


def _follows_queue(count: object) -> bool:
    """Return whether Copilot scales the service by its queue.

    https://aws.github.io/copilot-cli/docs/manifest/worker-service/#count-queue-delay
    """
    return isinstance(count, dict) and bool(count.get("queue_delay"))


def _tasks(count: object) -> TaskRange | None:
    match count:
        case bool():
            return None
        case int():
            return TaskRange(count, count)
        case {"spot": int(fixed)}:
            return TaskRange(fixed, fixed)
        case {"range": {"min": int(least), "max": int(most)}}:
            return TaskRange(least, most)
        case {"range": str(written)} if match := _RANGE.fullmatch(written):
            return TaskRange(int(match[1]), int(match[2]))
        case _:  # such as ${COUNT}, which only the shell of a deploy knows
            return None
