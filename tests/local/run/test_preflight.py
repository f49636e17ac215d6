"""What `ops local` refuses before it starts anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ops.base.errors import OpsError
from ops.local.run.preflight import check_links

if TYPE_CHECKING:
    from pathlib import Path


def test_a_link_into_another_repository_that_is_not_here(tmp_path: Path) -> None:
    (tmp_path / "copilot").mkdir()
    link = tmp_path / "copilot" / "environments"
    link.symlink_to("../../shared/environments")
    with pytest.raises(OpsError, match=r"copilot/environments is a link to \.\./\.\./shared"):
        check_links(tmp_path)
    link.unlink()
    (tmp_path / "there").mkdir()
    link.symlink_to("../there")
    check_links(tmp_path)
