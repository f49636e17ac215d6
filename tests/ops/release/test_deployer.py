"""The Copilot CLI as `ops release` runs it, with a stand-in that tells how it was run."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from ops.base.errors import OpsError
from ops.release.steps.deployer import CopilotDeployer, Deployment
from tests.waiting import until

STAND_IN = f"""\
#!{sys.executable}
import json, os, pathlib, signal, sys
facts = {{"argv": sys.argv[1:], "session": os.getsid(0), "tag": os.environ["TAG"]}}
pathlib.Path("facts.new").write_text(json.dumps(facts))
os.rename("facts.new", "facts.json")
if os.environ["TAG"] == "waits":
    signal.pause()
print("✔ Proposing\\n✘ \\x1b[31mexceeded wait attempts\\x1b[0m")
sys.exit(1)
"""


@pytest.fixture
def deployer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CopilotDeployer:
    script = tmp_path / "copilot"
    script.write_text(STAND_IN)
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return CopilotDeployer("shop", "prod", lambda _tag: tmp_path, lambda tag: {"TAG": tag})


def facts(root: Path) -> dict[str, object]:
    until("the stand-in runs", (root / "facts.json").exists)
    found: dict[str, object] = json.loads((root / "facts.json").read_text())
    return found


def kill(deployment: Deployment) -> None:
    deployment._process.send_signal(signal.SIGKILL)  # type: ignore[attr-defined]


def test_it_deploys_without_force_which_gives_up_after_20_minutes(
    deployer: CopilotDeployer, tmp_path: Path
) -> None:
    deployment = deployer.start("web", "Backend Service", "v2")
    ended = until("it ends", deployment.ended)
    assert ended is not None
    assert (ended.code, ended.words) == (1, "exceeded wait attempts")
    told = facts(tmp_path)
    assert told["argv"] == [
        "svc", "deploy", "--name", "web", "--env", "prod", "--app", "shop",
    ]  # fmt: skip
    assert told["tag"] == "v2"


def test_ctrl_c_in_the_terminal_does_not_reach_it(
    deployer: CopilotDeployer, tmp_path: Path
) -> None:
    deployment = deployer.start("nightly", "Scheduled Job", "waits")
    told = facts(tmp_path)
    assert told["session"] != os.getsid(0)
    assert deployment.ended() is None
    kill(deployment)
    ended = until("it ends", deployment.ended)
    assert ended is not None
    assert ended.code == -signal.SIGKILL


def test_a_machine_without_copilot_is_told_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(OpsError, match="`copilot` is missing"):
        CopilotDeployer("shop", "prod", Path, lambda _tag: {})
