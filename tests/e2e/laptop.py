"""A laptop on which `ops local` runs the committed workspace, on a port of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.waiting import WAIT

ROOT = Path(__file__).parents[2]
READY = "is running after"
PATIENCE = 160.0


def ops(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ops", *arguments]


@dataclass
class Laptop:
    """A copy of the workspace, and the processes that run in it."""

    root: Path
    port: int

    def up(self, environment: str, *options: str, **variables: str) -> subprocess.Popen[str]:
        """Start `ops local up`; the caller reads its output.

        Other tests share this machine, so a step may take longer than on a laptop.
        """
        command = ops("local", "up", "--env", environment, "--port", str(self.port))
        command += ["--stop-within", str(PATIENCE / 2)]
        return subprocess.Popen(
            [*command, *options],
            cwd=self.root,
            env=os.environ | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *command: str, code: int = 0) -> str:
        """Run a command under `ops local run`, and return its output."""
        done = subprocess.run(
            ops("local", "run", "--", *command),
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def tasks(self, service: str, environment: str = "prod") -> list[str]:
        """Return the running tasks of a service by their ids."""
        status = self.run("copilot", "svc", "status", "-n", service, "-e", environment, "--json")
        return [task["id"] for task in json.loads(status)["tasks"] or ()]

    def ask(self, path: str, body: object = None) -> tuple[int, Any]:
        """Status and JSON of a request to the load balancer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Idempotency-Key": str(uuid4())},
        )
        try:
            with urllib.request.urlopen(request, timeout=WAIT) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def left_behind(self) -> list[str]:
        """Return the processes that use the workspace's directory."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                where = str((process / "cwd").readlink())
                what = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                told = (process / "environ").read_bytes().decode(errors="replace")
            except OSError:
                continue  # it has ended, or is another user's
            if str(self.root) in where + what + told:
                found.append(f"{process.name} {what}")
        return found


def read_until_ready(process: subprocess.Popen[str]) -> str:
    """Return the output of `ops local up` until it is ready or ends."""
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if READY in line:
            return printed
    process.stdout.close()
    process.wait(PATIENCE)
    return printed
