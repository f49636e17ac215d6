"""The committed workspace, run by `ops local` as a user runs it."""

from __future__ import annotations

import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from tests.e2e.laptop import PATIENCE, READY, ROOT, Laptop, read_until_ready
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    """Yield a workspace in which nothing runs yet."""
    shutil.copytree(ROOT / "copilot", tmp_path / "copilot")
    return Laptop(tmp_path, free_port())


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """`prod`, running for all tests that only use it."""
    root = tmp_path_factory.mktemp("production")
    shutil.copytree(ROOT / "copilot", root / "copilot")
    laptop = Laptop(root, free_port())
    process = laptop.up("prod")
    printed = read_until_ready(process)
    assert READY in printed, printed
    yield laptop
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, rest
