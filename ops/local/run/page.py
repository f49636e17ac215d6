"""The page of a session: what it shows of this workspace, and what its buttons do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from ops.base.errors import OpsError
from ops.local import load
from ops.local.page.history import History
from ops.local.page.mails import newest
from ops.local.page.reading import Reading
from ops.local.page.server import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from ops.copilot.workspace import NamedLoad, ServiceSettings, Workspace
    from ops.local.endpoint.server import EmbeddedAws
    from ops.local.plane import ControlPlane


@dataclass(frozen=True)
class Looked:
    """The part of a session that its page shows.

    :param directory: `OPS_LOCAL_DIR`, where mails are
    :param address: of the public load balancer
    """

    workspace: Workspace
    environment: str
    services: Iterable[str]
    companions: Iterable[str]
    directory: Path
    address: str
    load: NamedLoad | None


def page_of(looked: Looked, aws: EmbeddedAws, plane: ControlPlane) -> Page:
    """Return the page, whose buttons call operations of the embedded AWS."""
    aws.operations |= {"stop_task": partial(_stop_task, aws.client), "load": partial(_send, looked)}
    reading = Reading(aws.client)

    def read() -> Mapping[str, Any]:
        now = datetime.fromtimestamp(plane.clock.now(), UTC).isoformat(timespec="seconds")
        mails = newest(looked.directory)
        return {"now": now, "speed": plane.clock.speed, **reading.read(), "mails": mails}

    history = History(plane.region, plane.clock.now)
    return Page(_setting(looked), history, read, plane.journal.entries, aws.operations)


def _setting(looked: Looked) -> dict[str, Any]:
    settings = {
        name: looked.workspace.service_settings(name, looked.environment)
        for name in looked.services
    }
    return {
        "application": looked.workspace.application,
        "environment": looked.environment,
        "load": looked.load and {"name": looked.load.name, "number": looked.load.number},
        "companions": list(looked.companions),
        "targets": [target for name, own in settings.items() for target in _targets(name, own)],
    }


def _targets(service: str, settings: ServiceSettings) -> Iterator[dict[str, Any]]:
    """Yield the number of messages at which scaling keeps each queue."""
    scaling: Any = getattr(settings, "scaling", None)
    if scaling is None:
        return
    if scaling.queue_depth:
        yield {"service": service, "value": scaling.queue_depth.target, "per_task": False}
    if scaling.backlog_per_task:
        value = scaling.backlog_per_task.messages_per_task
        yield {"service": service, "value": value, "per_task": True}


def _stop_task(client: Callable[[str], Any], cluster: str, task: str) -> str:
    client("ecs").stop_task(cluster=cluster, task=task, reason="Stopped on the page of ops local")
    return task


def _send(looked: Looked, number: int) -> dict[str, int]:
    if looked.load is None:
        raise OpsError(
            "copilot/ops.yml does not say which request to send",
            "Add `local: load:` with its `path`, `headers` and `body`.",
        )
    answers = load.send(looked.address, looked.load, number)
    return dict(Counter(str(status or "no answer") for status, _ in answers))
