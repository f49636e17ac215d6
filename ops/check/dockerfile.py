"""Reading a Dockerfile as far as the rules need it: its last stage, base and instructions. Pure."""

import re
from dataclasses import dataclass
from pathlib import Path

_FROM = re.compile(r"(?:--platform=\S+\s+)?(\S+)(?:\s+as\s+(\S+))?", re.IGNORECASE)
_ARGUMENT = re.compile(r"\$\{?(\w+)(?::-[^}]*)?\}?")


_OFFICIAL = re.compile(r"^(docker\.io/(library/)?|library/|public\.ecr\.aws/docker/library/)")


def official(image: str) -> str:
    """An image's name; an official one's without registry: `docker.io/python:3` is `python:3`."""
    return _OFFICIAL.sub("", image)


@dataclass(frozen=True)
class Instruction:
    """One instruction: `RUN`, what follows, and the line it begins on."""

    name: str
    value: str
    line: int


@dataclass(frozen=True)
class Dockerfile:
    """A Dockerfile. `base` is the image below the last stage, None where only a build knows it."""

    path: Path
    base: str | None
    instructions: tuple[Instruction, ...]  # of the last stage and of those that it is made from

    def mentions(self, word: str) -> bool:
        """Whether an instruction of the image speaks of a program, so that it may install it."""
        return any(re.search(rf"\b{re.escape(word)}\b", each.value) for each in self.instructions)

    def last(self, name: str) -> Instruction | None:
        """The last instruction of a name, which is the one that counts for CMD."""
        found = [each for each in self.instructions if each.name == name]
        return found[-1] if found else None


def parse_dockerfile(text: str, path: Path, target: str | None = None) -> Dockerfile:
    """Read a Dockerfile; `target` names the stage that is built, else it is the last."""
    stages: list[tuple[str, str, list[Instruction]]] = []
    arguments: dict[str, str] = {}
    for each in _instructions(text):
        if each.name == "FROM" and (found := _FROM.match(each.value)):
            image = _ARGUMENT.sub(lambda m: arguments.get(m[1], m[0]), found[1])
            stages.append((image, (found[2] or "").lower(), []))
        elif each.name == "ARG" and not stages:
            name, _, default = each.value.partition("=")
            arguments[name.strip()] = default.strip().strip("'\"")
        elif stages:
            stages[-1][2].append(each)
    return Dockerfile(path, *_from_last(stages, target))


def _from_last(
    stages: list[tuple[str, str, list[Instruction]]], target: str | None
) -> tuple[str | None, tuple[Instruction, ...]]:
    """The base image of the stage that is built and all instructions since, through its stages."""
    if target is not None:
        at = next((i for i, each in enumerate(stages) if each[1] == target.lower()), None)
        stages = stages[: at + 1] if at is not None else []
    instructions: list[Instruction] = []
    wanted: str | None = None
    for image, name, own in reversed(stages):
        if wanted is None or name == wanted:
            instructions = [*own, *instructions]
            wanted = image.lower()
    known = wanted is not None and "$" not in wanted
    return (wanted if known else None), tuple(instructions)


def _instructions(text: str) -> list[Instruction]:
    found: list[Instruction] = []
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
        found.append(Instruction(name.upper(), value.strip(), begun))
        pending = ""
    return found
