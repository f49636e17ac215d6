"""A workspace with off-hours, deployed to staging."""

from pathlib import Path

import boto3
import pytest

from ops.base import clock
from tests.ops.kinds.schedules.live import DECLARED, NOON
from tests.ops.support.copilot_stacks import deploy_environment, deploy_web, deploy_worker


@pytest.fixture
def staging(aws: None, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace deployed to staging, with off-hours, at noon."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    manifest = "name: {}\ntype: {}\ncount: {}\n"
    files = {
        "ops.yml": DECLARED,
        "beat/manifest.yml": manifest.format("beat", "Backend Service", 1),
        "worker/manifest.yml": manifest.format("worker", "Backend Service", "{range: 2-20}"),
        "worker/ops.yml": "queue: {name: jobs}\n",
        "web/manifest.yml": manifest.format("web", "Load Balanced Web Service", 2),
    }
    for name, text in files.items():
        path = workspace / "copilot" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    environment = deploy_environment("shop", "staging")
    deploy_web("shop", "staging", "web", environment["HTTPListener"])
    deploy_worker("shop", "staging", "worker")
    deploy_worker("shop", "staging", "beat", scales=False)
    boto3.client("sqs").create_queue(QueueName="jobs")
    return workspace
