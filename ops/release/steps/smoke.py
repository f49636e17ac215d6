"""The team's own command that proves a release: `release.verify`."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ops.base.words import span

_LINES = 8  # of its output that a failure repeats


def smoke(command: Sequence[str], root: Path, variables: Mapping[str, str], deadline: float) -> str:
    """Run the command in the workspace's directory; return why it failed, or nothing.

    It has its own session, so that Ctrl-C asks first.
    """
    shown = " ".join(command)
    try:
        done = subprocess.run(
            list(command),
            cwd=root,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=deadline,
            check=False,
            start_new_session=True,
        )
    except OSError as error:
        return f"release.verify: `{shown}` cannot run: {error.strerror}"
    except subprocess.TimeoutExpired:
        return f"release.verify: `{shown}` did not end within {span(deadline)}"
    if done.returncode == 0:
        return ""
    lines = [f"  {line}" for line in done.stdout.splitlines()[-_LINES:]]
    return "\n".join([f"release.verify: `{shown}` exited with {done.returncode}", *lines])
