"""Numbers in an `ops.yml` that no computer counts with."""

from pathlib import Path

import pytest

from ops.base.fields import seconds
from ops.copilot.workspace import WorkspaceError, load_workspace
from tests.ops.conftest import Ops

HUGE = "1" + 400 * "0"


@pytest.mark.parametrize("number", [HUGE, f"-{HUGE}", "1.0e+999", "!!float .inf", "!!float .nan"])
def test_a_number_beyond_all_bounds_is_told_with_its_line(workspace: Path, number: str) -> None:
    text = f"images:\n  shop/web:\n    keep: {number}\n"
    (workspace / "copilot/ops.yml").write_text(text)
    with pytest.raises(WorkspaceError) as raised:
        load_workspace(workspace).settings("prod", {})
    [told] = map(str, raised.value.problems)
    assert told.startswith("copilot/ops.yml:3: images.shop/web.keep: is a number out of range")
    (workspace / "copilot/ops.yml").write_text("")
    alarm = f"alarms:\n  preset: service\n  define:\n    high-cpu: {{threshold: {number}}}\n"
    (workspace / "copilot/web/ops.yml").write_text(alarm)
    with pytest.raises(WorkspaceError, match=r"^copilot/web/ops.yml:4: alarms.*threshold"):
        load_workspace(workspace).service_settings("web", "prod")


@pytest.mark.parametrize("text", [f"{HUGE}d", f"{5000 * '9'}s", "3651d"])
def test_a_duration_ends(text: str) -> None:
    with pytest.raises(ValueError, match="is longer than ten years"):
        seconds(text)


def test_check_tells_it_too(ops: Ops, workspace: Path) -> None:
    (workspace / "copilot/worker/ops.yml").write_text(
        f"scaling:\n  queue_depth:\n    target: {HUGE}\n"
    )
    checked = ops("check")
    assert "copilot/worker/ops.yml:3: scaling.queue_depth.target: is a number" in checked.out
