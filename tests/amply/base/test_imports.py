"""Each service imports only what it needs, so that starts are quick and the image is small."""

import sys
from pathlib import Path

import pytest

from tests.amply.support.processes import running

# The stand-ins and their packages, and what only charging and sending need.
NOT_AT_START = ("amply.embedded", "fakeredis", "aiosqlite", "stripe", "boto3", "psycopg", "asyncpg")
LIST_LOADED = """
import importlib, sys
for module in sys.argv[1].split(","):
    importlib.import_module(module)
print(sorted(set(sys.argv[2:]) & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("modules", "not_loaded"),
    [
        ("amply.api.app,amply.jobs.app", NOT_AT_START),
        ("amply.jobs.app", ("redis", "redbeat")),  # 7 MB of each worker process
    ],
)
def test_services_load_neither_stand_ins_nor_what_they_may_not_need(
    tmp_path: Path, modules: str, not_loaded: tuple[str, ...]
) -> None:
    command = [sys.executable, "-c", LIST_LOADED, modules, *not_loaded]
    with running(command, {}, tmp_path) as process:
        assert process.wait() == 0
    assert process.lines == ["[]"]
