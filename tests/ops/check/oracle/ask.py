"""Ask the real Copilot CLI about every recorded manifest: `make oracle`.

Print each wrong record, then the table of `report.py`; exit with 1 if there is a wrong record.
It takes two minutes.
"""

from __future__ import annotations

import sys
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tests.ops.check.oracle.cli import answers
from tests.ops.check.oracle.manifests import recorded
from tests.ops.check.oracle.report import lines, rows

if TYPE_CHECKING:
    from collections.abc import Iterator


def wrong() -> Iterator[str]:
    """Yield a line for each manifest whose verdict is recorded wrongly."""
    manifests = list(recorded())
    with TemporaryDirectory() as folder:
        for manifest, output in zip(manifests, answers(folder, manifests), strict=True):
            verdict = "packaged" if output is None else "refused"
            if verdict != {"broken": "packaged"}.get(manifest.verdict, manifest.verdict):
                said = (output or "").strip()[-300:]
                what = f"{manifest.of}: {manifest.mutant!r}"
                yield f"{verdict}, not {manifest.verdict}: {what} {said}"


def main() -> int:
    """Print the wrong records and the table."""
    mistakes = list(wrong())
    print("\n".join([*mistakes, *lines(rows())]))  # noqa: T201
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
