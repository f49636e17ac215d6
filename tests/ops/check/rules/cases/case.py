"""The parts of cases: paths, beginnings of manifests, and the case itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

WEB_FILE = "copilot/web/manifest.yml"
WORKER_FILE = "copilot/worker/manifest.yml"
SECOND_FILE = "copilot/second/manifest.yml"
JOB_FILE = "copilot/job/manifest.yml"
RUNNER_FILE = "copilot/runner/manifest.yml"
SITE_FILE = "copilot/site/manifest.yml"
ENVIRONMENT_FILE = "copilot/environments/test/manifest.yml"
PIPELINE_FILE = "copilot/pipelines/main/manifest.yml"
QUEUE_FILE = "copilot/worker/addons/queue.yml"
OPS_FILE = "copilot/worker/ops.yml"

WEB = "name: web\ntype: Load Balanced Web Service\nimage: {location: a, port: 80}\n"  # 3 lines
HTTP = "http: {path: /}\n"
BACKEND = "name: worker\ntype: Backend Service\n"  # 2 lines
IMAGE = "image: {location: a}\n"
SERVICE = BACKEND + IMAGE  # 3 lines
DEBIAN = BACKEND + "image: {location: python:3.12-slim}\n"
SECOND = SERVICE.replace("name: worker", "name: second")
WORKER = "name: worker\ntype: Worker Service\nimage: {location: a}\n"
CELERY = SERVICE + "command: celery -A a worker --time-limit=100\n"
ON_SQS = SERVICE + "variables: {BROKER: 'sqs://'}\n"
BEAT = SERVICE + "command: celery -A a beat\n"
JOB = "name: job\ntype: Scheduled Job\nimage: {location: a}\n"
RUNNER = "name: runner\ntype: Request-Driven Web Service\nimage: {location: a, port: 80}\n"
SITE = "name: site\ntype: Static Site\n"
ENVIRONMENT = "name: test\ntype: Environment\n"
PIPE = "name: main\nversion: 1\nsource: {provider: GitHub}\n"
PARAMETERS = "Parameters: {App: {Type: String}, Env: {Type: String}, Name: {Type: String}}\n"
TABLE = PARAMETERS + "Resources:\n  Orders:\n    Type: AWS::DynamoDB::Table\n"


def checked(check: str) -> str:
    return f"{BACKEND}image:\n  location: a\n  healthcheck:\n{check}"


def built(command: str) -> str:
    return (
        "name: web\ntype: Load Balanced Web Service\nhttp: {path: /}\nimage:\n  port: 8000\n"
        f"  build: Dockerfile\n  healthcheck:\n    command: {command}\n    start_period: 60s\n"
    )


def queue(properties: str, more: str = "") -> str:
    head = f"{PARAMETERS}Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    Properties:\n"
    dead = (
        "      RedrivePolicy:\n        deadLetterTargetArn: !GetAtt Dead.Arn\n"
        "        maxReceiveCount: 5\n"
    )
    tail = (
        "  Dead:\n    Type: AWS::SQS::Queue\n    Properties:\n"
        "      MessageRetentionPeriod: 1209600\n"
    )
    return f"{head}{dead}{properties}{more or tail}"


class Case(NamedTuple):
    """A case. The rule reports `breaks` at `at` (path:line), and nothing in `keeps`."""

    breaks: Mapping[str, str | bytes]
    at: str
    keeps: Mapping[str, str | bytes]
    day: datetime | None = None  # of the check, where the rule knows dates


class Edge(NamedTuple):
    """An edge case: the lines at which `rule` must report `files`; empty for none."""

    rule: str
    files: Mapping[str, str | bytes]
    lines: tuple[int, ...] = ()


def pair(path: str, head: str, breaks: str, keeps: str, line: int = 1) -> Case:
    """Return a case of one file. `line` is counted from the end of `head`."""
    at = head.count("\n") + line
    return Case({path: f"{head}{breaks}\n"}, f"{path}:{at}", {path: f"{head}{keeps}\n"})
