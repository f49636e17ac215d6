"""Reading a Dockerfile as far as rules need it: the stage built, base and instructions. Pure."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FROM = re.compile(r"(?:--platform=\S+\s+)?(\S+)(?:\s+as\s+(\S+))?", re.IGNORECASE)
_ARGUMENT = re.compile(r"\$\{?(\w+)(?::-[^}]*)?\}?")

_OFFICIAL = re.compile(r"^(docker\.io/(library/)?|library/|public\.ecr\.aws/docker/library/)")


def official(image: str) -> str:
    """Return the name of an image, without the registry of official ones: `docker.io/python:3` is
    `python:3`.
    """
    return _OFFICIAL.sub("", image)


@dataclass(frozen=True)
class Build:
    """The section `image.build`. One Dockerfile makes several images, by stage and arguments."""

    path: Path  # from the directory that holds copilot/, as `context`
    context: str
    target: str | None
    args: tuple[tuple[str, str], ...]


def build_of(written: object) -> Build | None:
    """Return the build that `image.build` describes; None if it is absent, or only a deployment
    knows it.

    https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/#image-build
    """
    if isinstance(written, str):
        written = {"dockerfile": written}
    if not isinstance(written, dict) or not written:
        return None
    context, target = written.get("context"), written.get("target")
    default = f"{context}/Dockerfile" if isinstance(context, str) else "Dockerfile"
    path = default if (written_path := written.get("dockerfile")) is None else written_path
    if not isinstance(path, str) or path == "" or "$" in path:
        return None
    return Build(
        Path(path),
        context=str(Path(path).parent if context is None else context),
        target=target if isinstance(target, str) else None,
        args=tuple(_arguments(written.get("args"))),
    )


def _arguments(written: Any) -> list[tuple[str, str]]:  # noqa: ANN401  # whatever is in the file
    """Return the arguments of a build. A value that YAML reads as a number is unknown: it reads
    3.10 as 3.1.
    """
    pairs = written.items() if isinstance(written, dict) else ()
    return sorted((name, str(value) if type(value) in {str, int} else "$") for name, value in pairs)


@dataclass(frozen=True)
class Instruction:
    """One instruction: `RUN`, what follows, and the line it begins on."""

    name: str
    value: str
    line: int


@dataclass(frozen=True)
class Dockerfile:
    """A Dockerfile. `base` is the image below the last stage, None if only a build knows it."""

    path: Path
    base: str | None
    instructions: tuple[Instruction, ...]  # of the last stage and of those that it is made from

    def last(self, name: str) -> Instruction | None:
        """Return the last instruction of a name, which is the one that counts for CMD."""
        instructions = [
            instruction for instruction in self.instructions if instruction.name == name
        ]
        return instructions[-1] if instructions else None


def parse_dockerfile(text: str, build: Build) -> Dockerfile:
    """Read a Dockerfile as a build does: up to the stage `target`, by default the last one."""
    stages: list[tuple[str, str, list[Instruction]]] = []
    given = dict(build.args)
    arguments: dict[str, str] = {}
    for instruction in _instructions(text):
        if instruction.name == "FROM" and (match := _FROM.match(instruction.value)):
            image = _ARGUMENT.sub(lambda m: arguments.get(m[1], m[0]), match[1])
            stages.append((image, (match[2] or "").lower(), []))
        elif instruction.name == "ARG" and not stages:
            name, _, default = instruction.value.partition("=")
            arguments[name.strip()] = given.get(name.strip(), default.strip().strip("'\""))
        elif stages:
            stages[-1][2].append(instruction)
    return Dockerfile(build.path, *_from_last(stages, build.target))


def _from_last(
    stages: list[tuple[str, str, list[Instruction]]], target: str | None
) -> tuple[str | None, tuple[Instruction, ...]]:
    """Return the base image of the stage that is built, and all instructions since."""
    if target is not None:
        at = next((i for i, stage in enumerate(stages) if stage[1] == target.lower()), None)
        stages = stages[: at + 1] if at is not None else []
    instructions: list[Instruction] = []
    base: str | None = None
    for image, name, own in reversed(stages):
        if base is None or name == base:
            instructions = [*own, *instructions]
            base = image.lower()
    known = base is not None and "$" not in base
    return (base if known else None), tuple(instructions)


def _instructions(text: str) -> list[Instruction]:
    instructions: list[Instruction] = []
    pending, begun = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("#") or not (stripped or pending):
            continue
        begun = begun if pending else number
        pending += stripped.removesuffix("\\") + " "
        if stripped.endswith("\\"):
            continue
        name, _, value = pending.strip().partition(" ")
        instructions.append(Instruction(name.upper(), value.strip(), begun))
        pending = ""
    return instructions
