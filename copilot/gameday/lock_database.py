"""Hold the write lock of the laptop's SQLite database: nobody else can write.

python copilot/gameday/lock_database.py SECONDS
"""

import os
import sqlite3
import sys
import time
from pathlib import Path


def main() -> None:
    """Hold the lock for some real seconds."""
    path = Path(os.environ["OPS_LOCAL_DIR"]) / "amply.db"
    database = sqlite3.connect(path, timeout=30, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    time.sleep(float(sys.argv[1]))
    database.execute("ROLLBACK")


if __name__ == "__main__":
    main()
