"""The shell variables that replace values of a workspace's `local` section, and their checks."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ops.base.errors import OpsError
from ops.local.run.assumed.secrets import named_in
from ops.local.run.preflight import workloads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.copilot.workspace import Workspace

# Stripe's secret and restricted keys of live mode: https://docs.stripe.com/keys
_LIVE_KEY = re.compile(r"(sk|rk)_live_")


@dataclass(frozen=True)
class Replaced:
    """A shell variable that overrides `copilot/ops.yml`. `host`: the other machine in a URL."""

    name: str
    host: str | None = None

    def __str__(self) -> str:
        return f"{self.name} ({self.host})" if self.host else self.name


def replaced(workspace: Workspace, environment: str, shell: Mapping[str, str]) -> list[Replaced]:
    """Return the replacing variables by name.

    Raise OpsError for a live key of a payment provider: nothing on a laptop may charge a card.
    """
    local = workspace.settings(environment).local
    names = {*local.placeholders, *(c.unless for c in local.companions if c.unless)}
    for service in workloads(workspace):
        names |= {secret.variable for secret in named_in(service, environment, {})}
    overriding = sorted(name for name in names if shell.get(name))
    for name in overriding:
        if _LIVE_KEY.match(shell[name]):
            raise OpsError(
                f"{name} in your shell is a live key, which would charge real cards",
                f"Run `unset {name}`, or set it to a test-mode key.",
            )
    return [Replaced(name, _host_elsewhere(shell[name])) for name in overriding]


def _host_elsewhere(value: str) -> str | None:
    """Return the host of a URL that leads to another machine; None for any other value."""
    try:
        host = urlsplit(value).hostname if "://" in value else None
    except ValueError:
        return None  # the reader of the URL reports it
    if not host or host == "localhost":
        return None
    try:
        return None if ipaddress.ip_address(host).is_loopback else host
    except ValueError:
        return host
