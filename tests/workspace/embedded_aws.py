"""An embedded AWS in its own process, until its standard input ends.

moto keeps its state in module globals, so one test process cannot hold two. When it is ready, it
writes the variables for its clients to standard output, as one line of JSON.
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
