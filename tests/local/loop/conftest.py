"""An embedded AWS whose control loop ticks on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.local.loop.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ops.local.endpoint.server import EmbeddedAws


@pytest.fixture
def world(aws: EmbeddedAws, tmp_path: Path) -> Iterator[World]:
    """Return an empty world without real tasks."""
    made = World(aws, tmp_path)
    yield made
    assert not made.faults
