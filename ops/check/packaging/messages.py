"""The Copilot CLI's error output, split into its errors. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = "✘ "
_LONGEST = 300  # characters of an error that are shown

# The words around an error, which repeat the command.
_CONTEXT = re.compile(
    r"^(validate manifest against environment \S+: |validate environment manifest for \S+: "
    r"|unmarshal (service|job) \S+ manifest: (unmarshal manifest for [\w -]+?: )?"
    r"|unmarshal environment manifest for \S+: (unmarshal environment manifest: )?"
    r"|list (services|jobs|workloads) in the workspace: |(read manifest for workload \S+: )"
    r"|generate (workload \S+|environment) template( against environment \S+)?: "
    r"|(generate stack template|initiate workload template generator): )"
)
# gopkg.in/yaml.v3 names the line of each value that it cannot read.
_YAML = re.compile(r"^ *line (\d+): (.*)$", re.MULTILINE)
_OF_A_MANIFEST = re.compile(
    r"^✘ (unmarshal (service|job|environment) |.*read manifest for workload )"
)
_OWNER = re.compile(r"read manifest for workload (\S+?):")
_PANIC = re.compile(r"^panic: (.*)$", re.MULTILINE)
_FRAME = re.compile(r"/src/internal/pkg/(\S+\.go:\d+)")

# What the CLI asks the account for. Of it, the embedded AWS has only what the files tell.
_ACCOUNT = re.compile(
    r"associated with a domain|validate ALB runtime configuration|validate imported ALB"
    r"|load dynamic content|SNS topic \S+ does not exist|hosted zone|imported cert"
    r"|validate NLB runtime configuration|cannot find any subnets"
    r"|alias, which is not supported yet"
)


@dataclass(frozen=True)
class Message:
    """One error. `line` is its line in the manifest of `workload`, where the CLI names them."""

    text: str
    line: int | None = None
    workload: str | None = None


def is_about_account(output: str) -> bool:
    """Return whether the CLI missed something of the account, which files cannot have."""
    return _ACCOUNT.search(_error(output)) is not None


def messages(output: str) -> Iterator[Message]:
    """Yield the errors of an output."""
    error = _error(output)
    owner = _OWNER.search(error)
    workload = owner[1] if owner else None
    if panic := _PANIC.search(error):
        frame = _FRAME.search(error)
        yield Message(f"Copilot crashes: {panic[1]}" + (f" ({frame[1]})" if frame else ""))
        return
    lines = _YAML.findall(error) if _OF_A_MANIFEST.match(error) else []
    for line in dict.fromkeys(number for number, _ in lines):
        texts = dict.fromkeys(text for number, text in lines if number == line)
        yield Message(_short("; ".join(texts)), int(line), workload)
    if not lines:
        yield Message(_short(_without_context(error)), None, workload)


def _error(output: str) -> str:
    """Return the CLI's last line with the mark of an error; if no line has it, the whole output."""
    before, mark, error = output.rpartition(_MARK)
    return (mark + error).strip() if mark else before.strip() or error.strip()


def _without_context(error: str) -> str:
    text = error.removeprefix(_MARK)
    while shorter := _CONTEXT.sub("", text, count=1):
        if shorter == text:
            break
        text = shorter
    return text


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]} …"
