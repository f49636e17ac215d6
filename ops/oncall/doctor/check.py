"""Results of the doctor's checks, and their output. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import click

from ops.base.errors import OpsError
from ops.plan.model import Json

# AWS refuses a request that is signed five minutes off; this leaves some of them.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
_MOST_OFF = timedelta(minutes=2)
_LAST_COPILOT = "1.34.1"


@dataclass(frozen=True)
class Check:
    """The result of one check. A failed check that is not `needed` does not fail the command."""

    name: str
    ok: bool
    found: str
    next_step: str = ""
    needed: bool = True


@dataclass(frozen=True)
class Tool:
    """The result of running a program; `path` is None if it is not installed."""

    path: str | None
    code: int = 0
    output: str = ""


def failed(name: str, error: OpsError) -> Check:
    """Return a failed check for an error."""
    return Check(name, ok=False, found=error.what, next_step=error.next_step)


def of_clock(here: datetime, there: datetime | None) -> Check:
    """Compare the clock of this machine with AWS's, which is given to the second."""
    if there is None:
        return Check("clock", ok=False, found="AWS did not return its time", needed=False)
    off = abs(here - there)
    if off <= _MOST_OFF:
        return Check("clock", ok=True, found="within two minutes of AWS's")
    way = "ahead of" if here > there else "behind"
    return Check(
        "clock",
        ok=False,
        found=f"{round(off.total_seconds())} s {way} AWS's",
        next_step="Synchronize the clock, for example with NTP. "
        "AWS rejects requests that are five minutes off.",
    )


def of_endpoint(variables: Mapping[str, str]) -> Check:
    """Report the endpoint that calls are sent to, because a custom one is easily forgotten."""
    elsewhere = {k: v for k, v in variables.items() if k.startswith("AWS_ENDPOINT_URL") and v}
    if not elsewhere:
        return Check("endpoint", ok=True, found="AWS itself")
    addresses = ", ".join(f"{name}={value}" for name, value in sorted(elsewhere.items()))
    return Check("endpoint", ok=True, found=f"not AWS: {addresses}")


def of_copilot(tool: Tool) -> Check:
    """Check the Copilot CLI against its final version.

    https://github.com/aws/copilot-cli/releases
    """
    ended = f"its support has ended, and {_LAST_COPILOT} is the last version"
    if tool.path is None:
        return Check(
            "copilot",
            ok=False,
            found="not installed",
            next_step=f"Install {_LAST_COPILOT} to deploy services; {ended}.",
            needed=False,
        )
    version = re.search(r"v?(\d+\.\d+\.\d+)", tool.output)
    if tool.code or version is None:
        return Check("copilot", ok=False, found=f"{tool.path} cannot be run", needed=False)
    what = f"{version[1]}; {ended}"
    if version[1] == _LAST_COPILOT:
        return Check("copilot", ok=True, found=what, needed=False)
    return Check(
        "copilot", ok=False, found=what, next_step=f"Install {_LAST_COPILOT}.", needed=False
    )


def of_tool(name: str, tool: Tool, purpose: str, when_broken: str) -> Check:
    """Check a program that only some Copilot commands need."""
    if tool.path is None:
        return Check(
            name, ok=False, found="not installed", next_step=f"Install it {purpose}.", needed=False
        )
    if tool.code:
        return Check(name, ok=False, found=when_broken, needed=False)
    version = re.search(r"\d+(?:\.\d+)+", tool.output)
    return Check(name, ok=True, found=version[0] if version else tool.path, needed=False)


def as_text(checks: Sequence[Check]) -> str:
    """Format one line for each check: ✔, ✘, or ○ for what ops itself does not need."""
    width = max(len(check.name) for check in checks)
    return "\n".join(_line(check, width) for check in checks)


def _line(check: Check, width: int) -> str:
    colour = "green" if check.ok else "red" if check.needed else "yellow"
    sign = click.style("✔" if check.ok else "✘" if check.needed else "○", fg=colour)
    optional = "" if check.ok or check.needed else " (optional: ops itself does not need it)"
    step = f". {check.next_step}" if check.next_step else ""
    return f"{sign} {check.name.ljust(width)}  {check.found}{step}{optional}"


def as_data(checks: Sequence[Check]) -> list[Json]:
    """Return the checks for `--output json`."""
    return [dict(vars(check)) for check in checks]


def fails(checks: Sequence[Check]) -> bool:
    """Return whether something that is needed is missing."""
    return any(check.needed and not check.ok for check in checks)
