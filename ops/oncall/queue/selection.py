"""The selection of the queue that a command works on. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from ops.base.errors import OpsError
from ops.base.fields import queue_name
from ops.copilot.workload import Queue, Workload
from ops.oncall.queue.state import QueueState


@dataclass(frozen=True)
class SelectedQueue:
    """A queue by its name, and the services that consume it."""

    name: str
    consumers: tuple[str, ...] = ()
    dead_letters: str | None = None  # as the files have it

    def dead_letters_of(self, state: QueueState) -> str:
        """Return the queue's dead-letter queue. Raise OpsError if none is configured."""
        if state.dead_letters is None:
            raise OpsError(
                f"The queue `{self.name}` has no dead-letter queue",
                "Give it a redrive policy, or write `dead_letters` under `queue` in the service's "
                "ops.yml.",
            )
        return state.dead_letters


def queues_of(workloads: Mapping[str, Workload]) -> list[SelectedQueue]:
    """Return each queue of some services once, in their order."""
    consumers: dict[Queue, list[str]] = {}
    for service, workload in workloads.items():
        if workload.queue is not None:
            consumers.setdefault(workload.queue, []).append(service)
    return [
        SelectedQueue(queue.name, tuple(services), queue.dead_letters)
        for queue, services in consumers.items()
    ]


def the_queue(workloads: Mapping[str, Workload], name: str | None) -> SelectedQueue:
    """Return the named queue, or the only one.

    Raise OpsError for no or several queues, and for an invalid name.
    """
    queues = queues_of(workloads)
    if name is not None:
        try:
            queue_name(name)
        except ValueError as error:
            raise OpsError(f"--queue {error}", "`aws sqs list-queues` lists their URLs.") from None
        return next((queue for queue in queues if queue.name == name), SelectedQueue(name))
    if len(queues) == 1:
        return queues[0]
    if queues:
        named = ", ".join(f"{queue.name} ({', '.join(queue.consumers)})" for queue in queues)
        raise OpsError(
            f"There is more than one queue: {named}", "Name the service, or pass --queue."
        )
    who = f"`{next(iter(workloads))}`" if len(workloads) == 1 else "No service"
    says = "names no queue" if len(workloads) == 1 else "names a queue"
    raise OpsError(
        f"{who} {says} in its ops.yml",
        "Write `queue: {name: …}` in copilot/<service>/ops.yml, or pass --queue.",
    )
