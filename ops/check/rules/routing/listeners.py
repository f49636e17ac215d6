"""Listeners of a network load balancer."""

from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.manifest.containers import listeners, port_of
from ops.check.registry import rule
from ops.check.subject.model import Subject
from ops.check.subject.plain import dig, listed
from ops.copilot.workload import WEB

_NLB = "https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/#nlb"


@rule(
    Severity.ERROR,
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html",
)
def listener_port_taken(subject: Subject) -> Iterator[Hit]:
    """Two listeners of a network load balancer have the same port.

    Why: The deployment fails: the load balancer refuses the second (DuplicateListener).

    Fix: Give each listener its own port. `target_port` may be the same.
    """
    for variant in subject.variants(WEB):
        taken = set[int]()
        for at, listener in listeners(variant):
            port, _ = port_of(listener.get("port"))
            if port in taken:
                yield variant.hit((*at, "port"), f"there is another listener on port {port}")
            taken |= {port} if port is not None else set()


@rule(Severity.ERROR, _NLB)
def listener_hosted_zone(subject: Subject) -> Iterator[Hit]:
    """An alias of a network load balancer names a hosted zone.

    Why: Copilot refuses the manifest: it creates records of a network load balancer only in the
    application's zone.

    Fix: Remove `hosted_zone`.
    """
    for variant in subject.variants(WEB):
        for at, alias in listed(("nlb", "alias"), dig(variant.data, "nlb", "alias")):
            if dig(alias, "hosted_zone") is not None:
                yield variant.hit((*at, "hosted_zone"), "`hosted_zone` of a network load balancer")
