"""Commands in the form that a page shows."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import subprocess
import sys
from pathlib import Path

from ops.__main__ import main


def run(command: str) -> str:
    """Run `ops` in this process, and any other command in a shell."""
    line, _, file = command.partition(" > ")
    words = shlex.split(line)
    out = io.StringIO()
    if words[0] == "ops":
        with contextlib.redirect_stdout(out):
            code = main(words[1:])
        assert code == 0, f"$ {command}\n{out.getvalue()}"
        if file:
            Path(file).write_text(out.getvalue())
        return out.getvalue()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", command],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
    return done.stdout
