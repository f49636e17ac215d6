"""An embedded AWS in a process of its own, for as long as its standard input is open.

moto keeps its state in module globals and reads the process's environment: a test session
that has more than one use for it cannot hold it. Writes the variables for its clients to
standard output, as one line of JSON, when it is ready.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ops.local.endpoint.server import EmbeddedAws


def main(directory: Path, region: str) -> None:
    """Serve until standard input ends."""
    aws = EmbeddedAws(directory, region)
    aws.start()
    sys.stdout.write(json.dumps(aws.environment()) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    aws.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
