"""A clean workspace to lay mistakes over."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from ops.base import clock
from ops.check.files.reading import read_subject
from ops.check.finding import Finding
from ops.check.run import check

CLEAN: Mapping[str, str] = {
    "copilot/.workspace": "application: shop\n",
    "copilot/environments/prod/manifest.yml": "name: prod\ntype: Environment\n",
    "copilot/environments/test/manifest.yml": "name: test\ntype: Environment\n",
    "copilot/web/manifest.yml": """\
name: web
type: Load Balanced Web Service
image:
  build: Dockerfile
  port: 8000
http:
  path: /
  alias: shop.example.org
""",
    "copilot/worker/manifest.yml": """\
name: worker
type: Backend Service
image:
  location: shop/worker:1
command: celery -A shop worker
""",
    "Dockerfile": """\
FROM python:3.12-slim
CMD ["uvicorn", "shop:app", "--timeout-keep-alive", "75"]
""",
}

# For `make fuzz`, every night: pytest --hypothesis-profile=fuzz
settings.register_profile("fuzz", max_examples=6000, deadline=None, print_blob=True)

Files = Mapping[str, str | bytes]
Check = Callable[[Files], list[Finding]]


def write(root: Path, files: Files) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


BEFORE_ANY_END = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def before_any_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a day before any date in `dated_ends.yml`."""
    monkeypatch.setattr(clock, "now", lambda: BEFORE_ANY_END)


@pytest.fixture
def check_files(tmp_path: Path) -> Check:
    """Return a function that runs `ops check` on the clean workspace with some files replaced."""

    def run(files: Files) -> list[Finding]:
        write(tmp_path, {**CLEAN, **files})
        return list(check(read_subject(tmp_path)).findings)

    return run
