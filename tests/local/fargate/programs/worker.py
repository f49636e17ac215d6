"""A worker for tests: `worker.py BEHAVIOUR`. It starts a child, as Celery's pool does,
and waits.
"""

# ruff: noqa: T201 - what it prints is what the tests read
from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

behaviour = sys.argv[1]
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
print(f"worker {os.getpid()} child {child.pid}", flush=True)

if behaviour == "stubborn":
    signal.signal(signal.SIGTERM, lambda *_: print("not now", flush=True))
elif behaviour == "polite":

    def leave(*_: object) -> None:
        """Finish, with last words."""
        print("warm shutdown", flush=True)
        for number in range(500):
            print(f"last words {number}")
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
elif behaviour == "crash":
    print("Traceback: no such table: donations", file=sys.stderr, flush=True)
    sys.exit(7)

print("ready", flush=True)
while True:
    time.sleep(600)
