"""Workspaces of other teams, unchanged: deployed, adopted by `ops init`, planned and removed.

Their images are built, no container has a command, and nothing is prepared for a laptop.
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.laptop import PATIENCE, Laptop, read_until_ready
from tests.ports import free_port
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Up = Callable[..., tuple[Laptop, str]]

EXECUTIONS = """
import boto3
states = boto3.client("stepfunctions")
for machine in states.list_state_machines()["stateMachines"]:
    if machine["name"] == "pipeline-test-nightly":
        print(states.list_executions(stateMachineArn=machine["stateMachineArn"]))
"""
JOB = """local: {command: [python, -c, "print('counted 3')"]}\n"""
WORKSPACES = Path(__file__).parent / "workspaces"


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """Start a workspace; after the test, check that nothing of it remains."""
    started = []

    def start(name: str, files: Mapping[str, str] | None = None) -> tuple[Laptop, str]:
        root = tmp_path / name
        shutil.copytree(WORKSPACES / name, root)
        for path, text in (files or {}).items():
            (root / path).write_text(text)
        laptop = Laptop(root, free_port())
        process = laptop.up("test")
        started.append((laptop, process))
        said = read_until_ready(process)
        assert "is running after" in said, said
        return laptop, said

    yield start
    for laptop, process in started:
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
        assert laptop.left_behind() == []
        left = {str(path.relative_to(laptop.root)) for path in laptop.root.rglob("*")}
        before = WORKSPACES / laptop.root.name
        there = {str(path.relative_to(before)) for path in before.rglob("*")}
        assert {path for path in left - there if not path.endswith("ops.yml")} == set()


def adopt(laptop: Laptop) -> str:
    """Write the first ops.yml files, check them, create the resources, and return the plan."""
    laptop.run("ops", "init", "--yes")
    checked = json.loads(laptop.run("ops", "check", "--output", "json"))
    errors = {each["rule"] for each in checked["findings"] if each["severity"] == "error"}
    assert errors <= {"lambda-runtime"}  # an error from a date on
    plan = laptop.run("ops", "plan")
    laptop.run("ops", "sync", "--yes")
    laptop.run("ops", "plan", "--exit-code")
    return plan


@pytest.mark.stories
@pytest.mark.timeout(240)
def test_a_shop_whose_workers_subscribe_to_topics(
    up: Up,
) -> None:
    laptop, said = up("shop")
    assert "/web: stub: its image is built with Docker" in said
    assert "the secret PAYMENT_KEY is `placeholder`" in said
    status, answer = laptop.ask("/orders/1")
    assert (status, answer["stub"], answer["service"]) == (200, True, "web")
    plan = adopt(laptop)
    assert "shop-test-orders" in plan


@pytest.mark.stories
@pytest.mark.timeout(240)
def test_a_pipeline_of_jobs_and_a_queue(up: Up) -> None:
    laptop, said = up("pipeline", {"copilot/nightly/ops.yml": JOB})
    assert "${TAG} is `placeholder`" in said
    assert "/metrics: stub: its command is in the image public.ecr.aws/" in said
    assert "intake" in laptop.run("copilot", "job", "ls")
    assert "NAME" not in said
    laptop.run("copilot", "job", "run", "-n", "nightly", "-e", "test")
    until("its task has run", lambda: "SUCCEEDED" in laptop.run(sys.executable, "-c", EXECUTIONS))
    assert "counted 3" in laptop.run("copilot", "job", "logs", "-n", "nightly", "-e", "test")
    plan = adopt(laptop)
    proposed = (laptop.root / "copilot" / "transform" / "ops.yml").read_text()
    assert "preset: queue-worker" in proposed
    assert "dead_letters: " in proposed
    assert "pipeline-test-transform" in plan


@pytest.mark.stories
@pytest.mark.timeout(240)
def test_a_mesh_without_a_name_of_its_own(up: Up) -> None:
    laptop, said = up("mesh")
    assert "copilot/.workspace is missing: the application is `mesh`" in said
    assert "AWS::ElastiCache::ServerlessCache `Cache` is created but not served" in said
    status, answer = laptop.ask("/")
    assert (status, answer["service"]) == (200, "gateway")
    shown = json.loads(laptop.run("copilot", "svc", "show", "-n", "catalog", "--json"))
    assert shown["service"] == "catalog"
    assert "mesh-test-catalog" in adopt(laptop)
