"""A Copilot workspace of another team, its AWS, and `ops` in it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import OperationModel

from ops.__main__ import main
from tests.ops.support.copilot_stacks import deploy_environment, deploy_web, deploy_worker
from tests.ops.support.sessions import on_sessions_of_ops

FILES = {
    "copilot/.workspace": "application: shop\n",
    "copilot/environments/prod/manifest.yml": "name: prod\ntype: Environment\n",
    "copilot/environments/staging/manifest.yml": "name: staging\ntype: Environment\n",
    "copilot/web/manifest.yml": "name: web\ntype: Load Balanced Web Service\n",
    "copilot/worker/manifest.yml": "name: worker\ntype: Backend Service\n",
    "copilot/ops.yml": "images:\n  shop/web:\n    keep: 10\n",
    "copilot/web/ops.yml": """\
alarms:
  runbooks: docs/runbooks
  define:
    high-cpu:
      summary: The web is short of CPU.
      namespace: AWS/ECS
      metric: CPUUtilization
      threshold: 80
      evaluation_periods: 3
      missing_data: not-breaching
    unhealthy:
      summary: A task fails its health check.
      namespace: AWS/ApplicationELB
      metric: UnHealthyHostCount
      statistic: Maximum
      threshold: 1
      period: 1m
      missing_data: not-breaching
environments:
  prod:
    alarms:
      prefix: shop-web-
""",
    "copilot/worker/ops.yml": """\
scaling:
  queue_depth:
    queue: ${COPILOT_APPLICATION_NAME}-${COPILOT_ENVIRONMENT_NAME}-jobs
    target: 100
""",
}


@dataclass(frozen=True)
class Run:
    """The result of one call of `ops`."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self.out)
        return data


Ops = Callable[..., Run]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the workspace `shop`, and make it the current directory."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPS_YES", "1")
    return tmp_path


@pytest.fixture
def ops(capsys: pytest.CaptureFixture[str]) -> Ops:
    """Run `ops` as its entry point does."""

    def run(*arguments: str) -> Run:
        capsys.readouterr()
        code = main(arguments)
        out, err = capsys.readouterr()
        return Run(code, out, err)

    return run


@pytest.fixture(scope="session")
def emulator() -> Iterator[str]:
    """Return the address of a moto in its own process."""
    command = [sys.executable, "-m", "tests.ops.support.emulator"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # one line a request
        cwd=Path(__file__).parents[2],
        text=True,
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, "the emulator did not start: python -m tests.ops.support.emulator says why"
        yield address
        process.terminate()


@pytest.fixture
def aws_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Set credentials and a region in the environment, and ignore this machine's settings."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "OPS_ENV", "OPS_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return monkeypatch


@pytest.fixture
def aws(emulator: str, aws_settings: pytest.MonkeyPatch) -> None:
    """An empty AWS account."""
    urllib3.request("POST", f"{emulator}/moto-api/reset")
    aws_settings.setenv("AWS_ENDPOINT_URL", emulator)


@pytest.fixture
def deployed(aws: None, workspace: Path) -> dict[str, str]:
    """The workspace deployed to prod. Returns the environment's and the web's physical ids."""
    environment = deploy_environment("shop", "prod")
    web = deploy_web("shop", "prod", "web", environment["HTTPListener"])
    deploy_worker("shop", "prod", "worker")
    return {**environment, **web}


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record the API calls of `ops`, in order, without repetitions and retries."""
    made: list[str] = []

    def record(model: OperationModel, **_: object) -> None:
        made.append(model.name)

    on_sessions_of_ops(monkeypatch, "before-call", record)
    return made


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a set that a test fills with operations that AWS must refuse."""
    names: list[str] = []

    def refuse(
        model: OperationModel, params: dict[str, Any], **_: object
    ) -> tuple[AWSResponse, dict[str, Any]] | None:
        if model.name not in names:
            return None
        message = f"no {model.name} for you"
        error = {"Code": "AccessDeniedException", "Message": message}
        metadata = {"HTTPStatusCode": 400, "HTTPHeaders": {}, "RetryAttempts": 0}
        answer = AWSResponse(params["url"], 400, HTTPHeaders(), None)
        return answer, {"Error": error, "ResponseMetadata": metadata}

    on_sessions_of_ops(monkeypatch, "before-call", refuse)
    return names
