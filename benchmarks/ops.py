"""The speed of `ops sync` with many alarms: `python -m benchmarks.ops`.

Against the floor: the same calls by bare boto3, from a thread pool of as many threads, on the same
emulator, in turns, each in a process of its own. The AWS CLI is measured beside them where it is
installed. Every run's API calls are counted by the emulator's own log. Over a limit, the exit code
is 1.

Terraform is not measured here: its AWS provider comes from a registry of its own, which neither
the lock file nor the tests have. Measured once on an emulator: provider 5.100 made 3 calls
for each alarm to create and 2 to find no change.
"""

import argparse
import compileall
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.limits import Limit, report
from tests.ops.conftest import FILES
from tests.ops.support.copilot_stacks import deploy_environment, deploy_web

_ROOT = Path(__file__).parents[1]
_BARE = [sys.executable, "-m", "benchmarks.ops_bare"]
_SYNC = [sys.executable, "-m", "ops", "alarms", "sync", "--env", "prod", "--yes"]
_CLI = ["aws", "cloudwatch", "describe-alarms", "--output", "json"]


@dataclass
class Measured:
    """The wall time in seconds and the API calls of each run."""

    seconds: list[float] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)


class Emulator:
    """moto over HTTP, which counts requests by the lines of its log."""

    def __init__(self, address: str, log: Path) -> None:
        self.address = address
        self._log = log

    @property
    def requests(self) -> int:
        """Return the number of answered requests."""
        return self._log.read_text().count("HTTP/1.1")

    def run(self, command: Sequence[str], directory: Path, into: Measured) -> None:
        """Run and measure a command. Raises CalledProcessError."""
        before, started = self.requests, time.perf_counter()
        subprocess.run(command, cwd=directory, check=True, capture_output=True, env=_environment())
        into.seconds.append(time.perf_counter() - started)
        into.calls.append(self.requests - before)


def main() -> int:
    """Measure and print; return 1 if a limit is not kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ops")
    parser.add_argument("--alarms", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    compileall.compile_dir(_ROOT / "ops", quiet=1)  # as pip does to what it installs, boto3 too
    with tempfile.TemporaryDirectory() as directory, _emulator(Path(directory)) as emulator:
        os.environ.update(_settings(emulator.address))
        workspace = Path(directory)
        _write(workspace, given.alarms)
        measured = _measure(emulator, workspace, given.alarms, given.rounds)
    _print(measured)
    return report(_limits(measured))


def _measure(emulator: Emulator, workspace: Path, alarms: int, rounds: int) -> dict[str, Measured]:
    measured: dict[str, Measured] = {}

    def run(name: str, command: Sequence[str]) -> None:
        emulator.run(command, workspace, measured.setdefault(name, Measured()))

    for _ in range(max(2, rounds // 3)):
        _reset(emulator)
        run("create: bare", [*_BARE, "put", str(alarms)])
        _reset(emulator)
        run("create: ops", _SYNC)
    for _ in range(rounds):
        run("no change: bare", [*_BARE, "read"])
        run("no change: ops", _SYNC)
        if shutil.which("aws"):
            run("read: AWS CLI", _CLI)
    return measured


def _reset(emulator: Emulator) -> None:
    """An account with the deployed environment and no alarm."""
    httpx.post(f"{emulator.address}/moto-api/reset").raise_for_status()
    deployed = deploy_environment("shop", "prod")
    deploy_web("shop", "prod", "web", deployed["HTTPListener"])


def _write(workspace: Path, alarms: int) -> None:
    """The workspace of the tests, with many alarms."""
    declared = "".join(
        f"    alarm-{at}:\n      summary: Alarm {at}.\n      namespace: AWS/ECS\n"
        "      metric: CPUUtilization\n      threshold: 80\n      evaluation_periods: 3\n"
        "      missing_data: not-breaching\n"
        for at in range(alarms)
    )
    files = {**FILES, "copilot/web/ops.yml": f"alarms:\n  define:\n{declared}"}
    for name, text in files.items():
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _settings(address: str) -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    regions = {"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1"}
    return {"AWS_ENDPOINT_URL": address, **keys, **regions}


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(_ROOT)}


@contextmanager
def _emulator(directory: Path) -> Iterator[Emulator]:
    log = directory / "requests.log"
    with (
        log.open("w") as requests,
        subprocess.Popen(
            [sys.executable, "-m", "tests.ops.support.emulator"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=requests,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101
        yield Emulator(process.stdout.readline().strip(), log)
        process.terminate()


def _limits(measured: dict[str, Measured]) -> list[Limit]:
    """Return ratios of consecutive runs, for which the machine was equally busy."""
    limits = []
    for name, most in (("create", 1.3), ("no change", 1.5)):
        ours, bare = (measured[f"{name}: {who}"].seconds for who in ("ops", "bare"))
        ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
        limits.append(Limit(f"{name}, ops against bare", ratio, most=most))
    calls = max(measured["no change: ops"].calls)
    return [*limits, Limit("calls of a sync without change", calls, most=45)]


def _print(measured: dict[str, Measured]) -> None:
    rows = [
        f"{name:<18}{statistics.median(one.seconds):>9.2f}{min(one.seconds):>9.2f}"
        f"{max(one.calls):>8}"
        for name, one in measured.items()
    ]
    lines = [f"{'run':<18}{'median s':>9}{'best s':>9}{'calls':>8}", *rows]
    print("\n".join(lines), end="\n\n")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
