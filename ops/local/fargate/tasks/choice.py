"""The decision whether a container runs its own command or a stub. Pure.

A stub stands in for a container without a command in its definition (it is in the image), for one
whose image Docker would build, and for one with another team's image.
"""

from __future__ import annotations

import dataclasses
import re
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
    """What runs in place of a container. `reason` is empty if it is the container's command."""

    command: tuple[str, ...]
    reason: str = ""

    def __str__(self) -> str:
        if self.reason:
            return f"stub: {self.reason}"
        return f"runs `{' '.join(self.command)}`"


@dataclasses.dataclass(frozen=True)
class Programs:
    """What a workspace says about its containers.

    :param variables: returns what is added to the environment of the containers of an image; it
        may block
    :param commands: the command of `local: command:`, by service
    :param queues: the queue of `queue: name:`, by service
    :param is_built: returns whether Docker would have built an image
    :param only_stubs: whether nothing else may run
    """

    variables: Callable[[str], Mapping[str, str]] = lambda _image: {}
    commands: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    queues: Mapping[str, str] = dataclasses.field(default_factory=dict)
    is_built: Callable[[str], bool] = lambda _image: False
    only_stubs: bool = False

    def choose(self, definition: ContainerDefinition) -> Choice:
        """Return what runs in place of a container."""
        own = self.commands.get(definition.name)
        command = own or definition.command
        if self.only_stubs:
            return Choice((), "--stub")
        if own:
            return Choice(own)
        if self.is_built(definition.image):
            return Choice((), "its image is built with Docker")
        if not command:
            return Choice((), f"its command is in the image {definition.image}")
        if is_foreign(definition.image):
            return Choice((), f"{definition.image} is an image of another registry")
        return Choice(command)

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
        words = [*_STUB, "--name", definition.name, "--why", choice.reason]
        words += _each("--listen", (f"0.0.0.0:{local_port(port)}" for port in definition.ports))
        words += _each("--answer", (f"{path}={status}" for path, status in answers.items()))
        words += _each("--queue", [queue] if queue else [])
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


def _each(option: str, values: Iterable[str]) -> list[str]:
    return [word for value in values for word in (option, value)]


def _check(ports: Collection[int]) -> tuple[str, ...]:
    """Return the command of a stub's own health check; a stub without ports lives or has exited."""
    if not ports:
        return (sys.executable, "-I", "-S", "-c", "")
    return (*_STUB, "--check", f"0.0.0.0:{local_port(next(iter(ports)))}")
