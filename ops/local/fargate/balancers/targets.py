"""Target groups: their registered targets, the targets' health, and the choice of the next one.

Targets are registered with the API, so that DescribeTargetHealth knows them; their health is stored
in the gap `elbv2_target_health`, because AWS has no call that sets it.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError

from ops.local.fargate.health import Health, Tracker
from ops.local.gaps.elbv2_target_health import CHECKING, DRAINING, HEALTHY, TargetHealth, report

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.elbv2.models import ELBv2Backend, FakeTargetGroup

    from ops.local.fargate.clients import Clients

DRAINING_AT_MOST = 5.0
"""Seconds that a deregistered target may finish its requests in, whatever its group allows."""

_FAIL_OPEN = "target_group_health.unhealthy_state_routing.minimum_healthy_targets"
"""The attributes that say how many targets must be healthy, or unhealthy ones are served too.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
"""


@dataclass(frozen=True)
class GroupSettings:
    """The health check settings of a target group; times in seconds."""

    path: str
    port: int | None
    interval: float
    timeout: float
    healthy_after: int
    unhealthy_after: int
    codes: str
    deregistration_delay: float
    minimum_healthy: int = 1
    minimum_healthy_percentage: float = 0.0
    """If fewer targets are healthy, the load balancer fails open."""

    @classmethod
    def of(cls, group: FakeTargetGroup) -> GroupSettings:
        """Read moto's target group; CloudFormation's numbers may be strings."""
        port = str(group.health_check_port or "traffic-port")
        delay = group.attributes.get("deregistration_delay.timeout_seconds", 300)
        share = str(group.attributes.get(f"{_FAIL_OPEN}.percentage", "off"))
        matcher: dict[str, Any] = getattr(group, "matcher", None) or {}
        return cls(
            path=group.health_check_path or "/",
            port=int(port) if port.isdigit() else None,
            interval=float(group.health_check_interval_seconds),
            timeout=float(group.health_check_timeout_seconds),
            healthy_after=int(group.healthy_threshold_count),
            unhealthy_after=int(group.unhealthy_threshold_count),
            codes=str(matcher.get("HttpCode") or "200"),
            deregistration_delay=float(str(delay)),
            minimum_healthy=int(str(group.attributes.get(f"{_FAIL_OPEN}.count", 1))),
            minimum_healthy_percentage=0.0 if share == "off" else float(share),
        )

    def fails_open(self, healthy: int, registered: int) -> bool:
        """Return whether unhealthy targets are served as well."""
        share = 100 * healthy / registered if registered else 0.0
        return healthy < self.minimum_healthy or share < self.minimum_healthy_percentage


def _checked_port(settings: GroupSettings, target: Target) -> int:
    return settings.port if settings.port not in {None, target.port} else target.local_port


def matches(codes: str, status: int) -> bool:
    """Return whether a matcher such as `200`, `200,202` or `200-299` accepts an HTTP status."""
    ranges = (part.strip().partition("-") for part in codes.split(","))
    return any(int(low) <= status <= int(high or low) for low, _, high in ranges)


@dataclass
class Target:
    """A registered address and port."""

    address: str
    port: int
    tracker: Tracker
    local_port: int = 0
    told: TargetHealth = CHECKING
    draining: bool = False
    in_flight: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    checking: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        """Begin without requests in flight."""
        self.idle.set()

    def __enter__(self) -> Target:
        """Count a request."""
        self.in_flight += 1
        self.idle.clear()
        return self

    def __exit__(self, *_: object) -> None:
        """Finish a request."""
        self.in_flight -= 1
        if not self.in_flight:
            self.idle.set()

    @property
    def health(self) -> Health:
        """Return the health that the checks have found."""
        return self.tracker.state


class Targets:
    """The targets of every group."""

    def __init__(
        self, clients: Clients, backend: ELBv2Backend, changed: Callable[[], None]
    ) -> None:
        self._clients = clients
        self._backend = backend
        self._changed = changed
        self._groups: dict[str, list[Target]] = {}
        self._turn = count()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, limit=0),
            headers={"User-Agent": "ELB-HealthChecker/2.0"},
        )

    def expected_answer(self, group: str) -> tuple[str, int]:
        """Return the path of a group's health check, and a status that it accepts."""
        settings = GroupSettings.of(self._backend.target_groups[group])
        return settings.path, int(settings.codes.partition(",")[0].partition("-")[0])

    async def register(
        self, group: str, address: str, port: int, local_port: int | None = None
    ) -> Target:
        """Register an address, and start to check it. Raise botocore's ClientError.

        :param local_port: where it listens on this machine, if not on `port`
        """
        await asyncio.to_thread(
            self._clients.elbv2.register_targets,
            TargetGroupArn=group,
            Targets=[{"Id": address, "Port": port}],
        )
        settings = GroupSettings.of(self._backend.target_groups[group])
        tracker = Tracker(
            time.monotonic(),
            settings.interval,
            settings.unhealthy_after,
            settings.healthy_after,
        )
        target = Target(address, port, tracker, local_port or port)
        self._groups.setdefault(group, []).append(target)
        self._tell(group, target, CHECKING)
        target.checking = asyncio.create_task(self._check(group, target))
        return target

    async def deregister(self, group: str, target: Target) -> None:
        """Send the target no new requests, and wait for running ones within the group's delay."""
        target.draining = True
        delay = DRAINING_AT_MOST
        if known := self._backend.target_groups.get(group):
            delay = min(delay, GroupSettings.of(known).deregistration_delay)
        self._tell(group, target, DRAINING)
        with contextlib.suppress(ClientError, BotoCoreError):  # gone with its stack, or at the end
            await asyncio.to_thread(
                self._clients.elbv2.deregister_targets,
                TargetGroupArn=group,
                Targets=[{"Id": target.address, "Port": target.port}],
            )
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await target.idle.wait()
        if target.checking is not None:
            target.checking.cancel()
            await asyncio.wait([target.checking])
        self._groups[group].remove(target)
        self._tell(group, target, None)

    def pick(self, group: str) -> Target | None:
        """Return the next target in turn; None if no target can be served.

        A target is served once its first checks have ended, and while it is healthy. If too few
        are healthy, the load balancer fails open and serves the unhealthy ones too.
        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
        """
        registered = [target for target in self._groups.get(group, ()) if not target.draining]
        served = [target for target in registered if target.health is Health.HEALTHY]
        known = self._backend.target_groups.get(group)
        if known and GroupSettings.of(known).fails_open(len(served), len(registered)):
            served = [target for target in registered if target.health is not Health.UNKNOWN]
        return served[next(self._turn) % len(served)] if served else None

    async def close(self) -> None:
        """Close the connections. Every target must have been deregistered."""
        await self._session.close()

    async def _check(self, arn: str, target: Target) -> None:
        while group := self._backend.target_groups.get(arn):
            await asyncio.sleep(target.tracker.pause())
            problem = await self._probe(GroupSettings.of(group), target)
            before = target.health
            after = target.tracker.observe(time.monotonic(), good=problem is None)
            if after is Health.HEALTHY:
                self._tell(arn, target, HEALTHY)
            elif after is Health.UNHEALTHY and problem is not None:
                self._tell(arn, target, problem)
            if after is not before:
                self._changed()

    async def _probe(self, settings: GroupSettings, target: Target) -> TargetHealth | None:
        """Make one check; return the problem in AWS's words, or None."""
        url = f"http://{target.address}:{_checked_port(settings, target)}{settings.path}"
        timeout = aiohttp.ClientTimeout(total=settings.timeout)
        try:
            async with self._session.get(url, timeout=timeout, allow_redirects=False) as answer:
                status = answer.status
        except TimeoutError:
            return TargetHealth("unhealthy", "Target.Timeout", "Request timed out")
        except aiohttp.ClientError:
            return TargetHealth("unhealthy", "Target.FailedHealthChecks", "Health checks failed")
        if matches(settings.codes, status):
            return None
        reason = f"Health checks failed with these codes: [{status}]"
        return TargetHealth("unhealthy", "Target.ResponseCodeMismatch", reason)

    def _tell(self, arn: str, target: Target, health: TargetHealth | None) -> None:
        if target.draining and health not in (DRAINING, None):
            return
        if health is not None:
            target.told = health
        if group := self._backend.target_groups.get(arn):
            report(group, target.address, health)
