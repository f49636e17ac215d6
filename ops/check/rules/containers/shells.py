"""Shells between ECS and a program, which hand no signal on."""

import json
import re
from collections.abc import Iterator

from ops.check.finding import Hit, Severity
from ops.check.images.shell import below, shell_of, words_of
from ops.check.registry import rule
from ops.check.subject.dockerfile import official
from ops.check.subject.model import Subject, Variant
from ops.check.subject.plain import dig
from ops.copilot.workload import SERVICES

# Images whose /bin/sh is dash. BusyBox's becomes the last command itself, as bash does.
_DEBIAN = re.compile(
    r"(python|node|ruby|golang|php|debian|ubuntu)(:(?!\S*(alpine|windows|nanoserver))\S*)?"
)


@rule(
    Severity.WARNING,
    "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
)
def shell_keeps_signals(subject: Subject) -> Iterator[Hit]:
    """A task runs several commands in a shell that forwards no signals.

    Why: The program never receives ECS's SIGTERM, and is killed in the middle of its work.

    Fix: Begin the last command with `exec`.
    """
    for variant in subject.variants(*SERVICES):
        entrypoint = _entrypoint(subject, variant)
        command = words_of(dig(variant.data, "command"))
        shell = None if entrypoint is None or command is None else shell_of(entrypoint + command)
        if shell is None or (shell.name == "sh" and not _is_debian(_base(subject, variant))):
            continue
        if last := below(shell.script, bash=shell.name == "bash"):
            at = "entrypoint" if shell.at < len(entrypoint or ()) else "command"
            yield variant.hit((at,), f"`{_short(last)}` runs below a shell")


@rule(Severity.WARNING, "https://docs.docker.com/reference/dockerfile/#shell-and-exec-form")
def shell_form(subject: Subject) -> Iterator[Hit]:
    """A Dockerfile's CMD or ENTRYPOINT is in shell form, and the image's shell forwards no signals.

    Why: The program never receives ECS's SIGTERM, and is killed in the middle of its work.

    Fix: Write it as a list, `CMD ["program", "argument"]`, or begin it with `exec`.
    """
    for variant in subject.variants(*SERVICES):
        dockerfile = subject.dockerfile(variant)
        written = dig(variant.data, "command") or dig(variant.data, "entrypoint")
        if dockerfile is None or written or not _is_debian(dockerfile.base):
            continue
        runs = dockerfile.last("ENTRYPOINT") or dockerfile.last("CMD")
        if runs is None or dockerfile.last("SHELL") is not None or runs.value.startswith("["):
            continue
        if last := below(runs.value, single=True):
            yield Hit(dockerfile.path, runs.line, f"`{_short(last)}` runs below a shell")


def _entrypoint(subject: Subject, variant: Variant) -> list[str] | None:
    """Return the first command of a task, from the manifest or its Dockerfile, if one has it."""
    written = dig(variant.data, "entrypoint")
    dockerfile = subject.dockerfile(variant)
    own = dockerfile.last("ENTRYPOINT") if dockerfile and written is None else None
    if own is None:
        return words_of(written)
    try:
        return words_of(json.loads(own.value))
    except (ValueError, RecursionError):  # in shell form, which takes no command
        return None


def _base(subject: Subject, variant: Variant) -> str | None:
    """Return the image that a task is made from, as far as its name shows it."""
    dockerfile = subject.dockerfile(variant)
    location = dig(variant.data, "image", "location")
    return str(location) if location is not None else dockerfile.base if dockerfile else None


def _is_debian(base: str | None) -> bool:
    return _DEBIAN.fullmatch(official(base or "")) is not None


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "…"
