"""The `docker` command. Its output goes to stderr, so that programs can read ours."""

import os
import shutil
import subprocess
from pathlib import Path

from ops.base.errors import OpsError

_STDERR = 2
_REVISION = "org.opencontainers.image.revision"
# One image a build. By default buildx adds an attestation, which ECR keeps and counts as images
# of their own: three for each push, and `keep: 10` would keep the last three.
_SETTINGS = {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}


def build(context: Path, file: Path, platform: str, image: str, commit: str) -> None:
    """Build an image, and set its name and its commit as a label."""
    _docker(
        "build",
        *("--platform", platform),
        *("--file", str(file)),
        *("--label", f"{_REVISION}={commit}"),
        *("--tag", image),
        str(context),
    )


def commit_of(image: str) -> str | None:
    """Return the commit that a local image was built from; None if the image is not here."""
    template = f'{{{{ index .Config.Labels "{_REVISION}" }}}}'
    done = subprocess.run(
        [_executable(), "image", "inspect", "--format", template, image],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else None


def login(registry: str, password: str) -> None:
    """Sign in to a registry of ECR."""
    _docker("login", "--username", "AWS", "--password-stdin", registry, stdin=password)


def push(image: str) -> None:
    """Push an image to the registry in its name."""
    _docker("push", image)


def _docker(*arguments: str, stdin: str = "") -> None:
    done = subprocess.run(
        [_executable(), *arguments],
        input=stdin,
        stdout=_STDERR,
        text=True,
        check=False,
        env=os.environ | _SETTINGS,
    )
    if done.returncode:
        raise OpsError(
            f"`docker {arguments[0]}` failed with exit code {done.returncode}",
            "Its output is above. `docker info` shows whether its engine runs.",
        )


def _executable() -> str:
    path = shutil.which("docker")
    if path is None:
        raise OpsError(
            "`docker` is missing, and ops builds and pushes images with it",
            "Install Docker, or a compatible command such as podman-docker.",
        )
    return path
