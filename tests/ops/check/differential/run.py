"""Compare `ops check` with the real Copilot CLI on mutants: `make fuzz-differential`.

Prints the table, then each disagreement that no recorded exception explains. Exits with 1 if fewer
than 95 of 100 refused mutants are found, or if there is a false error.
"""

from __future__ import annotations

import argparse
import sys
from tempfile import TemporaryDirectory

from tests.ops.check.differential.compare import Table, compare
from tests.ops.check.differential.mutants import mutants

GOAL = 0.95


def main() -> int:
    """Get both verdicts on every mutant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    table = Table()
    with TemporaryDirectory() as folder:
        for verdict in compare(folder, list(mutants(options.mutants, options.seed))):
            table.add(verdict)
    print("\n".join(table.lines()))  # noqa: T201
    return 0 if table.recall >= GOAL and not table.false_errors else 1


if __name__ == "__main__":
    sys.exit(main())
