"""What a benchmark promises: each limit is printed, and one that is not kept is exit code 1."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Limit:
    """A measured value, and the least or the most that it may be."""

    what: str
    value: float
    least: float = -math.inf
    most: float = math.inf

    @property
    def is_kept(self) -> bool:
        """Return whether the limit is kept."""
        return self.least <= self.value <= self.most

    def __str__(self) -> str:
        """Return a line of a report."""
        bound = f"at most {self.most:g}" if self.most < math.inf else f"at least {self.least:g}"
        kept = "" if self.is_kept else "   NOT KEPT"
        return f"{self.what:<44}{self.value:>8.2f}   ({bound}){kept}"


def report(limits: Sequence[Limit]) -> int:
    """Print every limit; return the exit code, 1 if one is not kept."""
    sys.stdout.write("".join(f"{limit}\n" for limit in limits))
    return int(not all(limit.is_kept for limit in limits))
