"""The how-to pages for any workspace: write their files and run their commands, in order."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.documents import HOW_TO, blocks_of, commands_of, missing
from tests.ops.support.shell import run

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
PAGES = (
    "alarms.md",
    "adopt-ops.md",
    "dashboards-and-logs.md",
    "deploy-the-last-good-tag.md",
    "plan-and-sync.md",
    "release.md",
    "scale-a-queue-worker.md",
)


@pytest.mark.parametrize("page", PAGES)
def test_the_page_does_what_it_says(page: str, deployed: dict[str, str], workspace: Path) -> None:
    for path in workspace.glob("copilot/**/ops.yml"):
        path.unlink()  # the page begins with nothing
    for service, manifest in MANIFESTS.items():
        (workspace / "copilot" / service / "manifest.yml").write_text(manifest)
    for block in blocks_of(HOW_TO / page):
        if block.path:
            (workspace / block.path).write_text(block.text)
        for command, shown in block.commands:
            said = run(command)
            assert not missing(shown, said), f"$ {command}\n{said}"


def test_the_workflow_syncs_the_plan_that_was_reviewed(deployed: dict[str, str]) -> None:
    """Run the commands of `ops` in each job of the workflow, in order."""
    jobs = yaml.safe_load((HOW_TO / "ops-workflow.yml").read_text())["jobs"]
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
    assert all(commands_of(HOW_TO / page) for page in PAGES)
