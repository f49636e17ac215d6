"""How the tests are shared out between processes."""

from __future__ import annotations

import os

import pytest

EXPENSIVE_FIXTURES = ("production", "rendered", "system")
"""Fixtures that take long to make, so one process runs all tests that share one."""


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are processors: many tests wait for processes of their own."""
    processors = os.cpu_count() or 1
    return processors + processors // 2


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests of each of those fixtures to one process, under `--dist loadgroup`."""
    for item in items:
        for fixture in EXPENSIVE_FIXTURES:
            if fixture in getattr(item, "fixturenames", ()):
                parameters = getattr(item, "callspec", None)
                parameter = parameters.params.get(fixture, "") if parameters else ""
                item.add_marker(pytest.mark.xdist_group(f"{fixture} {parameter}".strip()))
