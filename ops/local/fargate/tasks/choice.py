"""The decision whether a container runs its own command or a stub.

A stub stands in for a container without a command in its definition (it is in the image), for one
whose image Docker would build, and for one with another team's image.
"""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ops.local.fargate.tasks.addresses import local_port

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from ops.local.fargate.tasks.container import ContainerDefinition

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
_PRIVATE = re.compile(r"\d{12}\.dkr\.ecr\.")
_STUB = (sys.executable, "-I", str(Path(__file__).with_name("stub.py")))


@dataclasses.dataclass(frozen=True)
class Choice:
    """The program for a container; `reason` is empty if it is the container's own command."""

    command: tuple[str, ...]
    reason: str = ""

    def __str__(self) -> str:
        if self.reason:
            return f"stub: {self.reason}"
        return f"runs `{' '.join(self.command)}`"


def _is_here(program: str) -> bool:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    return shutil.which(program, path=path) is not None


@dataclasses.dataclass(frozen=True)
class Programs:
    """The settings of a workspace about its containers.

    :param variables: returns what is added to the environment of the containers of an image; it
        may block
    :param commands: the command of `local: command:`, by service
    :param queues: the queue of `queue: name:`, by service
    :param is_built: returns whether Docker would have built an image
    :param is_here: returns whether a program is on this machine
    :param only_stubs: whether nothing else may run
    """

    variables: Callable[[str], Mapping[str, str]] = lambda _image: {}
    commands: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    queues: Mapping[str, str] = dataclasses.field(default_factory=dict)
    is_built: Callable[[str], bool] = lambda _image: False
    is_here: Callable[[str], bool] = _is_here
    only_stubs: bool = False

    def choose(self, definition: ContainerDefinition) -> Choice:
        """Return what runs in place of a container."""
        own = self.commands.get(definition.name)
        command = own or definition.command
        reason = "" if own else self._obstacle(definition)
        if self.only_stubs:
            reason = "`--stub` asks for it"
        return Choice((), reason) if reason else Choice(command)

    def _obstacle(self, definition: ContainerDefinition) -> str:
        """Return why a container's own command cannot run here; empty if it can."""
        image, command = definition.image, definition.command
        if self.is_built(image):
            return "its image is built with Docker"
        if not command:
            return f"its command is in the image {image}"
        if is_foreign(image):
            return f"{image} is an image of another registry"
        if not self.is_here(command[0]):
            return f"the program `{command[0]}` is not on this machine"
        return ""

    def stand_in(
        self, definition: ContainerDefinition, answers: Mapping[str, int], *, ends: bool
    ) -> tuple[ContainerDefinition, Choice]:
        """Return the definition that runs here, and why.

        :param answers: the status that each health check of a load balancer expects, by path
        :param ends: whether it must exit, because another container or a state machine waits for it
        """
        choice = self.choose(definition)
        if not choice.reason:
            return dataclasses.replace(definition, command=choice.command), choice
        queue = self.queues.get(definition.name)
        words = [*_STUB, f"--name={definition.name}", f"--why={choice.reason}"]
        words += _repeated_option(
            "--listen", (f"0.0.0.0:{local_port(port)}" for port in definition.ports)
        )
        words += _repeated_option(
            "--answer", (f"{path}={status}" for path, status in answers.items())
        )
        words += _repeated_option("--queue", [queue] if queue else [])
        words += ["--once"] if ends else []
        check = definition.check
        if check is not None:
            probe = _check(definition.ports)
            check = dataclasses.replace(check, argv=probe)
        return dataclasses.replace(definition, command=tuple(words), check=check), choice


def is_foreign(image: str) -> bool:
    """Return whether an image comes from a registry or an account that is not a team's own.

    The code of a team's own image is in the workspace; so is that of a name without a registry.
    """
    return "/" in image and not _PRIVATE.match(image)


def _repeated_option(option: str, values: Iterable[str]) -> list[str]:
    # Joined by `=`: argparse takes a separate word that begins with a hyphen for an option.
    # https://docs.python.org/3/library/argparse.html#arguments-containing
    return [f"{option}={value}" for value in values]


def _check(ports: Collection[int]) -> tuple[str, ...]:
    """Return the health check command of a stub; a stub without ports only needs to run."""
    if not ports:
        return (sys.executable, "-I", "-S", "-c", "")
    return (*_STUB, "--check", f"0.0.0.0:{local_port(next(iter(ports)))}")
