"""Digests of library source code: a test fails when the code must be read again."""

import hashlib
import inspect
import sys
from collections.abc import Callable, Iterable
from typing import Any


def digest(function: Callable[..., Any]) -> str:
    """Return the digest of a function's source."""
    return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:12]


def print_digests(functions: Iterable[Callable[..., Any]]) -> None:
    """Print the digests as lines of a pin."""
    sys.stdout.writelines(f'{each.__qualname__}: "{digest(each)}"\n' for each in functions)
