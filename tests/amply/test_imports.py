"""What a service does not need it does not load: starts stay quick, and the image small."""

import sys
from pathlib import Path

from tests.amply.processes import running

# The stand-ins and their packages, and what only charging and sending need.
NOT_AT_START = ("amply.embedded", "fakeredis", "aiosqlite", "stripe", "boto3", "psycopg", "asyncpg")
LIST_LOADED = """
import sys
import amply.api.app, amply.jobs.app
print(sorted(set(sys.argv[1:]) & set(sys.modules)))
"""


def test_services_load_neither_stand_ins_nor_what_they_may_not_need(tmp_path: Path) -> None:
    with running([sys.executable, "-c", LIST_LOADED, *NOT_AT_START], {}, tmp_path) as process:
        assert process.wait() == 0
    assert process.lines == ["[]"]
