"""Cases of things that AWS ends, each on a day after the first date."""

from datetime import UTC, datetime

from tests.ops.check.rules.cases.case import (
    HTTP,
    OPS_FILE,
    PARAMETERS,
    RUNNER,
    RUNNER_FILE,
    WEB,
    WEB_FILE,
    WORKER_FILE,
    Case,
)

LATE = datetime(2026, 11, 28, tzinfo=UTC)
_DATABASE = "copilot/worker/addons/database.yml"
_PATCHES = "copilot/worker/overrides/cfn.patches.yml"
_RUNBOOKS = """\
alarms:
  runbooks: docs/runbooks
  define:
    renamed:
      summary: The worker is short of CPU.
      namespace: AWS/ECS
      metric: CPUUtilization
      threshold: 80
      missing_data: not-breaching
"""


def _cluster(properties: str) -> str:
    resource = f"  Database:\n    Type: AWS::RDS::DBCluster\n    Properties:\n{properties}"
    return f"{PARAMETERS}Resources:\n{resource}"


def patch(function: str, runtime: str = "nodejs24.x") -> str:
    path = f"/Resources/{function}/Properties/Runtime"
    return f"- op: replace\n  path: {path}\n  value: {runtime}\n"


CASES: dict[str, Case] = {
    "lambda-runtime": Case(
        {_PATCHES: patch("EnvControllerFunction", "nodejs18.x")},
        f"{_PATCHES}:3",
        {
            _PATCHES: patch("EnvControllerFunction"),
            "copilot/web/overrides/cfn.patches.yml": patch("EnvControllerFunction")
            + patch("RulePriorityFunction"),
            "copilot/environments/overrides/cfn.patches.yml": patch("CertificateValidationFunction")
            + patch("CustomDomainFunction")
            + patch("DNSDelegationFunction"),
        },
        LATE,
    ),
    "patch-of-absent-function": Case(
        {_PATCHES: patch("EnvControllerFunction") + patch("RulePriorityFunction")},
        f"{_PATCHES}:6",
        {_PATCHES: patch("EnvControllerFunction")},
    ),
    "aurora-version-ended": Case(
        {_DATABASE: _cluster("      Engine: aurora-postgresql\n      EngineVersion: '16.2'\n")},
        f"{_DATABASE}:7",
        {_DATABASE: _cluster("      Engine: aurora-postgresql\n      EngineVersion: '16.13'\n")},
        LATE,
    ),
    "aurora-serverless-v1": Case(
        {_DATABASE: _cluster("      Engine: aurora-mysql\n      EngineMode: serverless\n")},
        f"{_DATABASE}:7",
        {_DATABASE: _cluster("      Engine: aurora-mysql\n      EngineMode: provisioned\n")},
        LATE,
    ),
    "app-runner-closed": Case(
        {RUNNER_FILE: RUNNER},
        f"{RUNNER_FILE}:2",
        {WORKER_FILE: "name: worker\ntype: Backend Service\nimage: {location: a}\n"},
        LATE,
    ),
    "keep-alive-too-short": Case(
        {WEB_FILE: f"{WEB}{HTTP}command: uvicorn shop:app\n"},
        f"{WEB_FILE}:5",
        {WEB_FILE: f"{WEB}{HTTP}command: uvicorn shop:app --timeout-keep-alive 61\n"},
    ),
    "runbook-missing": Case(
        {OPS_FILE: _RUNBOOKS, "docs/runbooks/high-cpu.md": "# high-cpu\n"},
        f"{OPS_FILE}:2",
        {OPS_FILE: _RUNBOOKS, "docs/runbooks/renamed.md": "# renamed\n"},
    ),
    "copilot-download": Case(
        {
            "copilot/pipelines/main/buildspec.yml": "version: 0.2\nphases:\n  install:\n"
            "    commands:\n"
            "      - wget -q https://ecs-cli-v2-release.s3.amazonaws.com/copilot-linux-v1.34.1\n"
        },
        "copilot/pipelines/main/buildspec.yml:5",
        {
            "copilot/pipelines/main/buildspec.yml": "version: 0.2\nphases:\n  install:\n"
            "    commands:\n      - aws s3 cp s3://shop-tools/copilot .\n"
        },
        LATE,
    ),
}
