"""The how-to pages for any workspace: their files are written and their commands run, in order."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from ops.__main__ import main

# A workspace that Copilot would take, unlike the thin one of the other tests.
MANIFESTS = {
    "web": """\
name: web
type: Load Balanced Web Service
image: {location: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/web:v1", port: 8000}
http: {path: /}
""",
    "worker": """\
name: worker
type: Backend Service
image: {location: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/worker:v1"}
count: {range: 2-20, cpu_percentage: 70}
""",
}
HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
PAGES = (
    "alarms.md",
    "adopt-ops.md",
    "dashboards-and-logs.md",
    "plan-and-sync.md",
    "scale-a-queue-worker.md",
)
_BLOCK = re.compile(r"^( *)```(console|yaml)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"# (copilot/\S*ops\.yml)\n")


@dataclass(frozen=True)
class Block:
    """A block of a page: a file to write, or commands with what they print."""

    kind: str
    text: str

    @property
    def path(self) -> str | None:
        named = _FILE.match(self.text) if self.kind == "yaml" else None
        return named[1] if named else None

    @property
    def commands(self) -> list[tuple[str, str]]:
        if self.kind != "console":
            return []
        entries = [each for each in re.split(r"^\$ ", self.text, flags=re.MULTILINE) if each]
        return [(command, shown) for command, _, shown in (e.partition("\n") for e in entries)]


def blocks_of(page: str) -> list[Block]:
    text = (HOW_TO / page).read_text()
    return [
        Block(kind, re.sub(f"^{indent}", "", block, flags=re.MULTILINE))
        for indent, kind, block in _BLOCK.findall(text)
    ]


def run(command: str) -> str:
    """`ops` in this process, as its entry point runs it; anything else in a shell."""
    line, _, file = command.partition(" > ")
    words = shlex.split(line)
    out = io.StringIO()
    if words[0] == "ops":
        with contextlib.redirect_stdout(out):
            code = main(words[1:])
        assert code == 0, f"$ {command}\n{out.getvalue()}"
        if file:
            Path(file).write_text(out.getvalue())
        return out.getvalue()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", command],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_the_page_does_what_it_says(page: str, deployed: dict[str, str], workspace: Path) -> None:
    for path in workspace.glob("copilot/**/ops.yml"):
        path.unlink()  # the page begins with nothing
    for service, manifest in MANIFESTS.items():
        (workspace / "copilot" / service / "manifest.yml").write_text(manifest)
    for block in blocks_of(page):
        if block.path:
            (workspace / block.path).write_text(block.text)
        for command, shown in block.commands:
            said = run(command)
            # What stands alone in a line of the page must stand in one of the output.
            missing = [
                each
                for each in shown.splitlines()
                if each.strip() not in ("", "…") and each.strip() not in said
            ]
            assert not missing, f"$ {command}\n{said}"


def test_the_workflow_syncs_the_plan_that_was_reviewed(deployed: dict[str, str]) -> None:
    """Each job of the page's workflow in its turn, as far as it is `ops`."""
    workflow = next(b.text for b in blocks_of("adopt-ops.md") if "workflows" in b.text)
    jobs = yaml.safe_load(workflow)["jobs"]
    steps = {name: job["steps"] for name, job in jobs.items()}
    kept = next(step["with"] for step in steps["plan"] if "upload-artifact" in step.get("uses", ""))
    assert Path(kept["path"]).suffix == ".json"
    assert any(f"--name {kept['name']}" in step.get("run", "") for step in steps["sync"])
    for name in ("plan", "sync", "drift"):
        commands = [step["run"] for step in steps[name] if step.get("run", "").startswith("ops ")]
        assert commands
        for command in commands:
            run(command.partition(" >> ")[0].partition(" #")[0])
    assert kept["path"] in steps["sync"][-1]["run"]


def test_the_pages_show_commands() -> None:
    assert all(any(block.commands for block in blocks_of(page)) for page in PAGES)
