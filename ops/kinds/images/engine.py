"""The command that builds and pushes images: Docker, Podman or Buildah, whichever is installed.

Its output goes to stderr, so that programs can read ours.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ops.base.errors import OpsError

_STDERR = 2
_REVISION = "org.opencontainers.image.revision"
# One image a build. By default buildx adds an attestation, which ECR keeps and counts as images
# of their own: three for each push, and `keep: 10` would keep the last three.
_SETTINGS = {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}


@dataclass(frozen=True)
class Engine:
    """A container engine's command.

    Docker, Podman and Buildah take the same arguments here.
    https://docs.docker.com/reference/cli/docker/,
    https://docs.podman.io/en/latest/Commands.html,
    https://github.com/containers/buildah/blob/main/docs/buildah.1.md
    """

    name: str
    inspect: tuple[str, ...] = ("image", "inspect")
    labels: str = ".Config.Labels"  # where its templates have an image's labels

    def build(self, context: Path, file: Path, platform: str, image: str, commit: str) -> None:
        """Build an image, and set its name and its commit as a label."""
        self._run(
            "build",
            *("--platform", platform),
            *("--file", str(file)),
            *("--label", f"{_REVISION}={commit}"),
            *("--tag", image),
            str(context),
        )

    def commit_of(self, image: str) -> str | None:
        """Return the commit that a local image was built from; None if the image is not here."""
        template = f'{{{{ index {self.labels} "{_REVISION}" }}}}'
        done = subprocess.run(
            [self.name, *self.inspect, "--format", template, image],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip() if done.returncode == 0 else None

    def login(self, registry: str, password: str) -> None:
        """Sign in to a registry of ECR."""
        self._run("login", "--username", "AWS", "--password-stdin", registry, stdin=password)

    def push(self, image: str) -> None:
        """Push an image to the registry in its name."""
        self._run("push", image)

    def _run(self, *arguments: str, stdin: str = "") -> None:
        done = subprocess.run(
            [self.name, *arguments],
            input=stdin,
            stdout=_STDERR,
            text=True,
            check=False,
            env=os.environ | _SETTINGS,
        )
        if done.returncode:
            raise OpsError(
                f"`{self.name} {arguments[0]}` failed with exit code {done.returncode}",
                f"Its output is above. `{self.name} info` shows whether its engine runs.",
            )


_ENGINES = (
    Engine("docker"),
    Engine("podman"),
    Engine("buildah", ("inspect", "--type", "image"), ".OCIv1.Config.Labels"),
)


def installed() -> Engine:
    """Return the first engine that is installed. Raise OpsError if none is."""
    for engine in _ENGINES:
        if shutil.which(engine.name):
            return engine
    raise OpsError(
        "`docker` is missing, and so are `podman` and `buildah`: ops builds and pushes images "
        "with one of them",
        "Install one.",
    )
