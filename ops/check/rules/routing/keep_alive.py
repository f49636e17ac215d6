"""Idle connections between a load balancer and a server."""

from collections.abc import Iterator
from dataclasses import replace

from ops.check.edits import FileEdit, SetKey
from ops.check.files.patches import ENVIRONMENTS, overrides_of
from ops.check.finding import Hit, Severity
from ops.check.images.servers import Server, server_of
from ops.check.registry import rule
from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import dig, mapping
from ops.copilot.workload import BACKEND, WEB

_IDLE = "idle_timeout.timeout_seconds"
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
_DEFAULT_IDLE = 60
_MARGIN = 15  # seconds that the server waits longer


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues",
)
def keep_alive_too_short(subject: Subject) -> Iterator[Hit]:
    """A server closes idle connections before the load balancer does.

    Why: A request on a connection that just closed gets 502. The load balancer keeps them for 60 s,
    uvicorn, hypercorn and Node for 5 s, gunicorn for 2 s.

    Fix: Make the server keep them longer, such as 75 s.
    """
    idle = idle_timeout(subject)
    for variant in subject.variants(WEB, BACKEND):
        server = server_of(subject, variant) if _is_target(variant) else None
        if server and server.seconds < idle:
            message = (
                f"{server.name} keeps an idle connection for {server.seconds:g} s, "
                f"the load balancer for {idle} s"
            )
            yield _fixed(variant, server, idle + _MARGIN, message)


def _fixed(variant: Variant, server: Server, seconds: int, message: str) -> Hit:
    """Return the hit with its exact fix, and with an edit if one variable is enough."""
    option = server.option.format(seconds=seconds, milliseconds=seconds * 1000)
    hit = variant.hit(("command",), message, f"Add `{option}` to the command.")
    if server.variable is None:
        return hit
    name, value = server.variable
    edit = SetKey("variables", name, value.format(seconds=seconds))
    fix = f"Set the variable `{name}` to `{edit.value}`, or add `{option}` to the command."
    return replace(hit, fix=fix, edits=(FileEdit(variant.path, edit),))


def idle_timeout(subject: Subject) -> int:
    """Return the seconds that the load balancer keeps an idle connection: the longest patched."""
    values = [operation.value for operation in overrides_of(subject, ENVIRONMENTS).operations]
    return max((seconds for value in values for seconds in _idle(value)), default=_DEFAULT_IDLE)


def _idle(value: object) -> Iterator[int]:
    if isinstance(value, dict):
        text = str(value.get("Value"))
        if value.get("Key") == _IDLE and text.isdigit():
            yield int(text)
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _idle(item)


def _is_target(variant: Variant) -> bool:
    """Return whether a load balancer sends requests to the main container, not to a proxy next to
    it.
    """
    http = dig(variant.data, "http")
    served = http is not False if variant.type == WEB else bool(mapping(http))
    target = dig(http, "target_container")
    return served and (target is None or target == variant.workload)
