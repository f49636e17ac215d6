"""Ask the real Copilot CLI about every recorded manifest: `make oracle`.

Prints each verdict that is recorded wrongly, then the table of `report.py`. Exits with 1 if there
is any. Takes some two minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.ops.check.conftest import write
from tests.ops.check.oracle.manifests import ENVIRONMENT, Manifest, recorded
from tests.ops.check.oracle.report import WORKSPACE, lines, rows

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROOT = Path(__file__).parents[4]
_REGION = "eu-central-1"
_SIDE_BY_SIDE = 2
_UNSET = {"COPILOT_APPLICATION_NAME", "COPILOT_ENVIRONMENT_NAME"}  # Copilot's own names for both


def copilot(
    folder: Path, aws: Mapping[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run the CLI in a workspace."""
    known = {name: value for name, value in aws.items() if name not in _UNSET}
    return subprocess.run(
        [Path(sys.executable).with_name("copilot"), *arguments],
        cwd=folder,
        env={**known, "HOME": str(folder), "PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def prepare(folder: Path, aws: Mapping[str, str]) -> None:
    """Make the application and its environment. Raises CalledProcessError if that fails."""
    name = ("--name", ENVIRONMENT)
    for arguments in (
        ("app", "init", "shop"),
        ("env", "init", *name, "--region", _REGION, "--default-config"),
        ("env", "deploy", *name),
    ):
        copilot(folder, aws, *arguments).check_returncode()


def ask(manifest: Manifest, aws: Mapping[str, str]) -> tuple[str, str]:
    """Return the CLI's verdict on a manifest, and what it says."""
    package = {"environment": ("env",), "job": ("job",)}.get(manifest.of, ("svc",))
    which = ("--name", ENVIRONMENT) if manifest.of == "environment" else ("--name", manifest.of)
    into = () if manifest.of == "environment" else ("--env", ENVIRONMENT)
    with TemporaryDirectory() as folder:
        write(Path(folder), {**WORKSPACE, manifest.path: manifest.text})
        run = copilot(Path(folder), aws, *package, "package", *which, *into)
    return "refused" if run.returncode else "packaged", run.stderr.strip()[-300:]


def wrong(aws: Mapping[str, str]) -> list[str]:
    """Return a line for each manifest whose verdict is recorded wrongly."""
    manifests = list(recorded())
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        answers = list(pool.map(lambda each: ask(each, aws), manifests))
    return [
        f"{verdict}, not {manifest.verdict}: {manifest.of}: {manifest.mutant!r} {said}"
        for manifest, (verdict, said) in zip(manifests, answers, strict=True)
        if verdict != {"broken": "packaged"}.get(manifest.verdict, manifest.verdict)
    ]


def main() -> int:
    """Start an embedded AWS, ask, and print what is wrong."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.workspace.embedded_aws", folder, _REGION]
        with subprocess.Popen(
            command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdin is not None
            assert server.stdout is not None
            aws = json.loads(server.stdout.readline())
            home = Path(folder) / "home"
            home.mkdir()
            prepare(home, aws)
            found = wrong(aws)
            server.stdin.close()
    print("\n".join([*found, *lines(rows())]))  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
