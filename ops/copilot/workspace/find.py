"""Where the workspace is: the directory that holds `copilot/`."""

from pathlib import Path

from ops.base.errors import OpsError


def find_root(start: Path | None) -> Path:
    """The nearest directory, from `start` (or the current one) upward, that holds `copilot/`.

    `start` may also be the `copilot/` directory itself. Raises OpsError when there is none.
    """
    origin = (start or Path.cwd()).resolve()
    for candidate in (origin, *origin.parents):
        if (candidate / "copilot").is_dir():
            return candidate
    raise OpsError(
        f"There is no Copilot workspace in {start or 'the current directory'} or above it",
        "Go to the directory that holds `copilot/`, or name it with --workspace.",
    )
