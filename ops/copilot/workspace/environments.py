"""Names of environments in the files, and the detection of typing errors. Pure."""

import re
from collections.abc import Iterable
from typing import Any

# aws/copilot-cli, internal/pkg/cli/validate.go: basicNameValidation
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 255
_DIGIT = re.compile(r"\d")


def is_name(text: str) -> bool:
    """Return whether Copilot accepts a text as an environment's name."""
    return len(text) <= _LONGEST and _NAME.fullmatch(text) is not None


def spoken_of(own: Iterable[str], manifests: Iterable[Any]) -> tuple[str, ...]:
    """Return environments with a manifest, and those that workloads' manifests override.

    An environment may lack a manifest here: old ones have none, and other repositories keep
    theirs.
    """
    names = set(own)
    for manifest in manifests:
        block = manifest.get("environments") if isinstance(manifest, dict) else None
        named = map(str, block if isinstance(block, dict) else ())
        names.update(filter(is_name, named))
    return tuple(sorted(names))


def mistyped(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that differs from this one by a single typing error, if there is one.

    A different digit or last part of one letter is not an error: `dev1` and `dev2`, `eu-a` and
    `eu-b` are both valid.
    """
    return next((other for other in sorted(known) if _one_stroke(name, other)), None)


def is_slip_of(name: str, known: Iterable[str]) -> bool:
    """Return whether an unknown name is probably a misspelt known one.

    The names differ by one typing error, or one is short for the other, such as `prod` and
    `production`.
    """
    known = list(known)
    shorter = (tuple(sorted((name, other), key=len)) for other in known)
    return name not in known and (
        mistyped(name, known) is not None
        or any(
            long.startswith(short) and long.isalpha() and len(short) > 2 for short, long in shorter
        )
    )


def _one_stroke(one: str, other: str) -> bool:
    """Return whether one letter is added, missing or wrong, or two are swapped."""
    stem, _, last = one.rpartition("-")
    if stem and stem == other.rpartition("-")[0] and len(last) == 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    start = min(len(one), len(other)) if start is None else start
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    swapped = len(one) == 2 and one == other[::-1]
    return (swapped or {len(one), len(other)} in ({0, 1}, {1})) and not _DIGIT.search(one + other)
