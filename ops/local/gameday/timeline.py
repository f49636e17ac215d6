"""The timeline and the checks of a story, as text. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ops.local.gameday.evidence import Evidence
    from ops.local.gameday.verdict import Check

_WIDTH = 120
_KINDS = ("step", "alarm", "scaling", "schedule", "deployment", "spot", "tasks", "event")
"""What the text shows; the page shows notifications, too."""

_FIRST = "INSUFFICIENT_DATA → OK"
"""An alarm whose metric has its first points: each does that, and it means nothing."""


def clock(seconds: float) -> str:
    """Return seconds from the start as `+1:02:03`."""
    whole = max(0, int(seconds))
    return f"+{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def lines(evidence: Evidence) -> Iterator[str]:
    """Yield a line for each entry."""
    for entry in evidence.entries:
        if entry["kind"] not in _KINDS or entry["text"].startswith(_FIRST):
            continue
        subject = str(entry["subject"]).rsplit("/", 1)[-1]
        text = f"{clock(entry['time'])}  {entry['kind']:<10} {subject} {entry['text']}".rstrip()
        yield " ".join(text.split("\n"))[:_WIDTH]


def verdict_lines(checks: Sequence[Check]) -> Iterator[str]:
    """Yield a line for each check."""
    for check in checks:
        detail = f": {check.detail}" if check.detail else ""
        yield f"{'✔' if check.passed else '✗'} {check.what}{detail}"
