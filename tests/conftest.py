"""How the tests are shared out between processes."""

from __future__ import annotations

from pathlib import Path

import pytest

TOGETHER = {"e2e", "workspace"}
"""Directories whose tests share what is dear to make, so one process runs them all."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each of those directories to one process, under `--dist loadgroup`."""
    for item in items:
        directory = item.path.relative_to(Path(__file__).parent).parts[0]
        if directory in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(directory))
