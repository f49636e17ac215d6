"""ECS Service Connect."""

from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.registry import rule
from ops.check.subject.model import Subject
from ops.check.subject.plain import dig
from ops.copilot.workload import BACKEND, WORKER


@rule(
    Severity.ERROR,
    "https://aws.github.io/copilot-cli/docs/manifest/backend-service/#network-connect",
)
def connect_without_port(subject: Subject) -> Iterator[Hit]:
    """A service has a Service Connect alias and exposes no port.

    Why: Copilot refuses the manifest: other services could not call it.

    Fix: Add `image.port`, or write `connect: true` to call others only.
    """
    for variant in subject.variants(BACKEND, WORKER):
        at = ("network", "connect", "alias")
        port, target = (
            dig(variant.data, "image", "port"),
            dig(variant.data, "http", "target_container"),
        )
        exposes = variant.type == BACKEND and (port is not None or target is not None)
        if dig(variant.data, *at) is not None and not exposes:
            yield variant.hit(at, "`alias` without an exposed port")
