"""Errors of all kinds: users get sentences and exit code 1, never a traceback."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from ops.aws.client import Aws
from tests.ops.conftest import Ops, Run
from tests.ops.support.every_kind import ALARM
from tests.ops.support.sessions import on_sessions_of_ops


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


class Refusals:
    """AWS answering some operations with an error code, a number of times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._left: dict[str, tuple[str, int]] = {}
        self.answered = 0
        on_sessions_of_ops(monkeypatch, "before-send.ecr", self.answer)

    def refuse(self, operation: str, code: str, times: int = 1_000) -> None:
        self._left[operation] = (code, times)

    def answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        target = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else target).rsplit(".", 1)[1]
        code, times = self._left.get(operation, ("", 0))
        if not times:
            return None
        self._left[operation] = (code, times - 1)
        self.answered += 1
        content = json.dumps({"__type": code, "message": "The reason."}).encode()
        return AWSResponse(request.url, 400, HTTPHeaders(), _Body(content))


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> Refusals:
    return Refusals(monkeypatch)


def assert_told(run: Run, *parts: str) -> None:
    assert run.code == 1
    assert "Traceback" not in run.out + run.err
    assert "\n\n" not in run.err
    for part in parts:
        assert part in run.err


def test_throttling_through_all_retries(
    ops: Ops, aws: None, workspace: Path, refusals: Refusals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    refusals.refuse("DescribeRepositories", "ThrottlingException")
    assert_told(ops("images", "plan"), "AWS throttled DescribeRepositories", "Wait a minute")
    assert refusals.answered == 2


def test_throttling_that_passes_is_not_an_error(
    ops: Ops, aws: None, workspace: Path, refusals: Refusals
) -> None:
    refusals.refuse("CreateRepository", "ThrottlingException", times=1)
    assert ops("images", "sync").code == 0
    assert refusals.answered == 1


def test_a_refused_write_is_reported_and_stops_no_other(
    ops: Ops, deployed: dict[str, str], refusals: Refusals
) -> None:
    refusals.refuse("CreateRepository", "AccessDeniedException")
    synced = ops("sync", "--env", "prod")
    assert synced.code == 1
    assert "✘ create shop/web: AWS does not allow CreateRepository: The reason." in synced.out
    assert synced.out.count("✔ created") == 3
    data = ops("sync", "--env", "prod", "--output", "json").data
    [result] = data["results"]
    assert (result["name"], result["done"]) == ("shop/web", False)
    assert "Ask for this permission" in result["error"]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("ExpiredTokenException", "The AWS credentials have expired"),
        ("UnrecognizedClientException", "AWS rejected these credentials"),
        ("InvalidParameterException", "AWS refused DescribeRepositories: The reason"),
    ],
)
def test_what_aws_refuses(
    ops: Ops, aws: None, workspace: Path, refusals: Refusals, code: str, sentence: str
) -> None:
    refusals.refuse("DescribeRepositories", code)
    assert_told(ops("images", "plan"), sentence)


def test_no_credentials(
    ops: Ops, aws: None, workspace: Path, aws_settings: pytest.MonkeyPatch
) -> None:
    aws_settings.delenv("AWS_ACCESS_KEY_ID")
    aws_settings.delenv("AWS_SECRET_ACCESS_KEY")
    assert_told(ops("images", "plan"), "There are no AWS credentials", "--profile")


def test_no_region(ops: Ops, aws: None, workspace: Path, aws_settings: pytest.MonkeyPatch) -> None:
    aws_settings.delenv("AWS_REGION")
    aws_settings.delenv("AWS_DEFAULT_REGION")
    assert_told(ops("images", "plan"), "No AWS region is set", "--region")


def test_the_region_may_be_in_either_variable(aws_settings: pytest.MonkeyPatch) -> None:
    aws_settings.delenv("AWS_DEFAULT_REGION")
    aws_settings.setenv("AWS_REGION", "eu-west-1")
    assert Aws().region == "eu-west-1"
    aws_settings.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert Aws().region == "eu-west-1"
    assert Aws(region="us-east-1").region == "us-east-1"
    aws_settings.setenv("AWS_REGION", "")
    assert Aws().region == "eu-central-1"


@pytest.mark.parametrize("attempts", ["many", "0", "-1", "2.5", "9" * 5000])
def test_attempts_that_are_no_number(
    ops: Ops, aws: None, workspace: Path, monkeypatch: pytest.MonkeyPatch, attempts: str
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", attempts)
    told = ops("alarms", "plan", "--env", "prod")
    assert told.code == 1
    assert told.err.startswith("error: AWS_MAX_ATTEMPTS must be a whole number from 1 on, not `")
    assert told.err.count("\n") == 1


def test_no_such_profile(ops: Ops, aws: None, workspace: Path) -> None:
    assert_told(ops("images", "plan", "--profile", "nobody"), "nobody", "list-profiles")


def test_nobody_answers(ops: Ops, aws_settings: pytest.MonkeyPatch, workspace: Path) -> None:
    aws_settings.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    aws_settings.setenv("AWS_MAX_ATTEMPTS", "1")
    assert_told(ops("images", "plan"), "AWS cannot be reached", "AWS_ENDPOINT_URL")


def test_what_is_no_environments_name_lists_those_there_are(ops: Ops, workspace: Path) -> None:
    assert_told(ops("plan", "--env", "Prod"), "no environment `Prod`", "prod, staging")


def test_an_environment_is_needed_when_there_are_several(ops: Ops, workspace: Path) -> None:
    assert_told(ops("plan"), "more than one environment: prod, staging", "--env prod")


def test_broken_yaml(ops: Ops, workspace: Path) -> None:
    (workspace / "copilot/web/ops.yml").write_text("alarms:\n  define: [\n")
    assert_told(ops("plan", "--env", "prod"), "copilot/web/ops.yml:3: this is not valid YAML")


def test_mistakes_of_all_files_are_told_at_once(ops: Ops, workspace: Path) -> None:
    (workspace / "copilot/web/ops.yml").write_text("alarm: {}\n")
    (workspace / "copilot/worker/ops.yml").write_text("scaling:\n  queue_depth: {queue: jobs}\n")
    run = ops("plan", "--env", "prod")
    assert_told(
        run,
        "copilot/web/ops.yml:1: alarm: there is no such field; did you mean `alarms`?",
        "copilot/worker/ops.yml:2: scaling.queue_depth.target: is missing",
    )


def test_two_services_with_the_same_names_are_told_with_the_line(
    ops: Ops, deployed: dict[str, str], workspace: Path
) -> None:
    text = f"alarms:\n  prefix: same-\n  define:\n    cpu: {ALARM}\n"
    (workspace / "copilot/web/ops.yml").write_text(text)
    (workspace / "copilot/worker/ops.yml").write_text(f"# the worker's\n{text}")
    assert_told(
        ops("sync", "--env", "prod"),
        "copilot/worker/ops.yml:2: alarms: `same-cpu` is already the name of a resource of `web`",
    )


def test_no_workspace(ops: Ops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert_told(ops("plan"), "no Copilot workspace", "--workspace")


def test_a_wrong_option_is_not_taken_for_differences(ops: Ops) -> None:
    run = ops("plan", "--colour")
    assert run.code == 1
    assert "--colour" in run.err


def test_a_bug_is_told_in_a_sentence(
    ops: Ops, aws: None, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("ops.commands.kinds.flow.load_workspace", broken)
    assert_told(ops("plan"), "a bug in ops (ZeroDivisionError: by zero)", "OPS_DEBUG=1")
    monkeypatch.setenv("OPS_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        ops("plan")


@pytest.mark.parametrize(
    ("module", "extra", "command"),
    [("click", "ops", ["plan"]), ("aiohttp", "local", ["local", "up", "--env", "prod"])],
)
def test_a_missing_dependency_says_what_to_install(
    tmp_path: Path, module: str, extra: str, command: list[str]
) -> None:
    (tmp_path / f"{module}.py").write_text(f"raise ModuleNotFoundError(name='{module}')\n")
    root = Path(__file__).parents[3]
    run = subprocess.run(
        [sys.executable, "-m", "ops", *command],
        cwd=root,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert f"pip install 'amply-on-copilot[{extra}]'" in run.stderr
    assert "Traceback" not in run.stderr


def test_help_loads_no_library_that_is_slow() -> None:
    script = (
        "import sys; from ops.__main__ import main; code = main(['--help']);"
        "slow = {'boto3', 'botocore', 'pydantic', 'rich', 'yaml'} & set(sys.modules);"
        "sys.exit(f'{code} {slow}' if code or slow else 0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    for name in ("plan", "sync", "local", "alarms", "scaling", "images"):
        assert f"\n  {name} " in run.stdout
    titles = [
        run.stdout.index(f"\n{title}")
        for title in ("Deploy", "Operate", "Decide", "Kinds", "Tools")
    ]
    assert titles == sorted(titles)
