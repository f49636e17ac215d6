"""Fixtures of all tests: processes to run in, and botocore's models."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from botocore import loaders, session

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPENSIVE_FIXTURES = ("packages", "production", "rendered", "system")
"""Fixtures that take long to make, so one process runs all tests that share one."""


def pytest_xdist_auto_num_workers() -> int:
    """Start one and a half processes per processor: many tests wait for processes of their own."""
    processors = os.cpu_count() or 1
    return processors + processors // 2


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all tests of a shared fixture in one process, under `--dist loadgroup`."""
    for item in items:
        for fixture in EXPENSIVE_FIXTURES:
            if fixture in getattr(item, "fixturenames", ()):
                parameters = getattr(item, "callspec", None)
                parameter = parameters.params.get(fixture, "") if parameters else ""
                item.add_marker(pytest.mark.xdist_group(f"{fixture} {parameter}".strip()))


@pytest.fixture(scope="session", autouse=True)
def models() -> Iterator[None]:
    """Read a service's model once in a process; botocore reads it once in each session.

    This cuts a session with clients of nine services to a fifth of the time.
    """
    shared: dict[str | None, loaders.Loader] = {}

    def create(path: str | None = None) -> loaders.Loader:
        if path not in shared:
            shared[path] = loaders.create_loader(path)
        return shared[path]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "create_loader", create)
        yield
