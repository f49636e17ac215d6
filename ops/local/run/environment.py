"""The environment variables of the processes that `ops local` starts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_FOREIGN = ("AWS_", "COPILOT_")
"""What the shell says about some other AWS must not reach a process of the embedded one."""


def search_path(programs: Path | None = None) -> str:
    """Return PATH, with these programs and the interpreter's directory first."""
    first = [str(programs)] if programs else []
    return os.pathsep.join([*first, str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def of_process(variables: Mapping[str, str], programs: Path | None = None) -> dict[str, str]:
    """Return the shell's variables without those of another AWS, then `variables`."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    proxies = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
    own = {name: value for name, value in own.items() if name.upper() not in proxies}
    return own | {"PATH": search_path(programs)} | dict(variables)
