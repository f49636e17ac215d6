"""The location of the workspace: the directory that contains `copilot/`."""

import re
from pathlib import Path

from ops.base.errors import OpsError


def find_root(start: Path | None) -> Path:
    """Return the nearest directory, from `start` (or the current one) upward, that contains
    `copilot/`.

    `start` may also be the `copilot/` directory itself. Raise OpsError if there is none.
    """
    origin = (start or Path.cwd()).resolve()
    for candidate in (origin, *origin.parents):
        if (candidate / "copilot").is_dir():
            return candidate
    raise OpsError(
        f"There is no Copilot workspace in {start or 'the current directory'} or above it",
        "Change to the directory that contains `copilot/`, or pass it with --workspace.",
    )


def named_after_folder(root: Path) -> str | None:
    """Return a name for the application of a workspace without `.workspace`; None if it has one.

    Copilot's names have small letters, digits and hyphens, and begin with a letter.
    """
    if (root / "copilot" / ".workspace").is_file():
        return None
    return re.sub(r"[^a-z0-9]+", "-", root.name.lower()).strip("-0123456789") or "app"
