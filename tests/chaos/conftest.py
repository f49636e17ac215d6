"""The mark by which the chaos is selected: `pytest -m chaos`, or left out: `-m "not chaos"`."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", "chaos: kills services, and takes half a minute")
