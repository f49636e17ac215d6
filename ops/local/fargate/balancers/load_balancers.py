"""The loopback port of each load balancer of the embedded AWS.

The first public load balancer uses the port that the user chose, from the start: it answers 503
until a stack has created it. The system chooses the ports of all others (a second environment's, an
internal one); `urls` returns them.
"""

from __future__ import annotations

import socket
from functools import partial
from typing import TYPE_CHECKING, Any

from ops.local.fargate.balancers.balancer import Balancer
from ops.local.fargate.balancers.routing import Rule
from ops.local.fargate.errors import FargateError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer

    from ops.local.fargate.balancers.requests import Requests
    from ops.local.fargate.balancers.targets import Targets


def bind(address: tuple[str, int]) -> socket.socket:
    """Return a socket bound to the address. Raise FargateError if that fails."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
        bound.listen()
    except OSError as error:
        bound.close()
        host, port = address
        raise FargateError(
            f"The load balancer cannot listen on {host}:{port}: {error.strerror}",
            f"Stop the program that uses the port (`lsof -i :{port}` shows it), or choose "
            "another port.",
        ) from error
    return bound


class LoadBalancers:
    """The `Balancer` of each application load balancer."""

    def __init__(
        self,
        backend: ELBv2Backend,
        targets: Targets,
        promised: socket.socket,
        requests: Requests,
    ) -> None:
        self._backend = backend
        self._requests = requests
        self._targets = targets
        self._main: str | None = None
        self._balancers: dict[str, Balancer] = {}
        self._promised = Balancer(
            promised,
            lambda: self._rules(self._main),
            targets,
            lambda answer: requests.add(self._main, answer),
        )

    async def start(self) -> None:
        """Serve the chosen port."""
        await self._promised.start()

    async def follow(self) -> None:
        """Start new load balancers, and stop deleted ones."""
        there = {arn: lb for arn, lb in self._backend.load_balancers.copy().items() if _is_alb(lb)}
        if self._main not in there:
            public = [arn for arn, lb in there.items() if lb.scheme != "internal"]
            self._main = public[0] if public else None
        others = there.keys() - {self._main}
        for arn in self._balancers.keys() - others:
            await self._balancers.pop(arn).stop()
        for arn in others - self._balancers.keys():
            balancer = self._serve(arn)
            await balancer.start()
            self._balancers[arn] = balancer

    def urls(self) -> dict[str, str]:
        """Return the URL of each load balancer by its name."""
        served = dict(self._balancers)
        if self._main is not None:
            served[self._main] = self._promised
        return {arn.split("/")[-2]: balancer.url for arn, balancer in served.items()}

    async def stop(self) -> None:
        """Close every port."""
        for balancer in (self._promised, *self._balancers.values()):
            await balancer.stop()

    def _serve(self, arn: str) -> Balancer:
        return Balancer(
            bind(("127.0.0.1", 0)),
            lambda: self._rules(arn),
            self._targets,
            partial(self._requests.add, arn),
        )

    def _rules(self, arn: str | None) -> Iterable[Rule]:
        balancer = self._backend.load_balancers.get(arn or "")
        listeners = list(balancer.listeners.values()) if balancer is not None else []
        return rules_of(min(listeners, key=_preference)) if listeners else ()


def rules_of(listener: Any) -> Iterable[Rule]:
    """Read the rules of moto's listener."""
    for rule in list(listener.rules.values()):
        yield Rule(
            priority=float("inf") if rule.is_default else float(rule.priority),
            conditions=tuple(rule.conditions or ()),
            actions=tuple(getattr(action, "data", action) for action in rule.actions),
        )


def _is_alb(balancer: FakeLoadBalancer) -> bool:
    return str(balancer.type) == "application"


def _preference(listener: Any) -> tuple[bool, int]:
    """Sort listeners, because one port serves them all: HTTPS first, since HTTP then only redirects
    to it.
    """
    return (listener.protocol != "HTTPS", int(listener.port))
