"""A `docker` for the Copilot CLI: it builds nothing, and Copilot deploys all the same.

Copilot builds an image, pushes it and deploys its digest. The script answers these commands without
building, and writes down each digest: a stub runs in the image's place. Every other command goes to
the real Docker.
Source: aws/copilot-cli, internal/pkg/docker/dockerengine/dockerengine.go.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path

_SCRIPT = """\
#!/bin/sh
exec '{python}' -I '{module}' '{directory}' "$@"
"""
_DIGESTS = "built-images"


def install(directory: Path) -> Path:
    """Write the script into a directory, and return the directory, for the front of PATH."""
    directory.mkdir(parents=True, exist_ok=True)
    script = directory / "docker"
    script.write_text(
        _SCRIPT.format(python=sys.executable, module=Path(__file__), directory=directory)
    )
    script.chmod(0o755)
    return directory


def is_built(directory: Path, image: str) -> bool:
    """Return whether Copilot believes that it has built and pushed this image."""
    path = directory / _DIGESTS
    return path.is_file() and image in path.read_text().splitlines()


def digest_of(name: str) -> str:
    """Return a digest for an image's name without its tag, the same every time."""
    repository = name.rpartition(":")[0] or name
    return f"{repository}@sha256:{hashlib.sha256(name.encode()).hexdigest()}"


def main(directory: Path, arguments: list[str]) -> int:
    """Answer one command of Copilot's."""
    match arguments:
        case ["info" | "version", *_]:
            answer = {"ServerErrors": [], "Os": "linux", "Arch": "amd64"}
            sys.stdout.write(json.dumps(answer) + "\n")
        case ["login" | "build", *_]:
            pass
        case ["push", name, *_]:
            with (directory / _DIGESTS).open("a") as file:
                file.write(digest_of(name) + "\n")
        case ["inspect", "--format", _, name]:
            sys.stdout.write(json.dumps(digest_of(name)) + "\n")
        case _:
            return _real(directory, arguments)
    return 0


def _real(directory: Path, arguments: list[str]) -> int:
    """Replace this process by the real Docker, if it exists."""
    others = [d for d in os.get_exec_path() if Path(d).resolve() != directory.resolve()]
    path = shutil.which("docker", path=os.pathsep.join(others))
    if path is not None:
        os.execv(path, ["docker", *arguments])  # noqa: S606 - the user's own command
    sys.stderr.write("docker: not installed; `ops local` builds no images\n")
    return 127


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
