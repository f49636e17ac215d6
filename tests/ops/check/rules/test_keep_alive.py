"""Servers that close idle connections too early, and the edits of `--fix`."""

from pathlib import Path

import pytest

from ops.check.files.reading import read_subject
from ops.check.run import check
from tests.ops.check.conftest import write
from tests.ops.check.rules.cases.case import HTTP, WEB, WEB_FILE
from tests.ops.conftest import Ops

IDLE = """\
- op: add
  path: /Resources/PublicLoadBalancer/Properties/LoadBalancerAttributes/-
  value: {Key: idle_timeout.timeout_seconds, Value: '120'}
"""
ASYNC = "gunicorn shop:app -k uvicorn.workers.UvicornWorker"


def messages(root: Path) -> list[str]:
    findings = check(read_subject(root)).findings
    return [each.message for each in findings if each.rule == "keep-alive-too-short"]


@pytest.mark.parametrize(
    ("manifest", "seconds"),
    [
        ("command: uvicorn shop:app\n", 5),
        ("command: [python, -m, uvicorn, 'shop:app']\n", 5),
        ("command: sh -c 'migrate && exec uvicorn shop:app'\n", 5),
        ("command: [uvicorn, 'shop:app', --timeout-keep-alive, '30']\n", 30),
        ("command: uvicorn a:b\nvariables: {UVICORN_TIMEOUT_KEEP_ALIVE: '59'}\n", 59),
        ("command: uvicorn a:b\nvariables: {UVICORN_TIMEOUT_KEEP_ALIVE: '60'}\n", None),
        ("command: uvicorn a:b\nvariables: {UVICORN_TIMEOUT_KEEP_ALIVE: {from_cfn: a}}\n", None),
        (f"command: {ASYNC}\n", 2),
        (f"command: {ASYNC} --keep-alive 75\n", None),
        (f"command: {ASYNC}\nvariables: {{GUNICORN_CMD_ARGS: '--keep-alive=75'}}\n", None),
        (f"command: {ASYNC} -c gunicorn.py\n", None),  # which may say it
        ("command: gunicorn shop:app\n", None),  # sync workers keep no connection
        ("command: gunicorn shop:app --threads 4\n", 2),
        ("command: hypercorn shop:app\n", 5),
        ("command: npx next start\n", 5),
        ("command: next start --keepAliveTimeout 65000\n", None),
        ("command: node server.js\n", None),  # its code may say it
        ("command: python uvicorn_like.py\n", None),
    ],
)
def test_which_servers_are_known(tmp_path: Path, manifest: str, seconds: int | None) -> None:
    write(tmp_path, {WEB_FILE: WEB + HTTP + manifest})
    found = messages(tmp_path)
    assert len(found) == (seconds is not None)
    assert all(f"for {seconds} s" in each for each in found)


@pytest.mark.parametrize(
    "http",
    [
        "http: false\nnlb: {port: 80/tcp}\n",
        "http: {path: /, target_container: nginx}\n",
        "http: {path: /, target_container: [web]}\n",  # which Copilot refuses
    ],
)
def test_what_no_load_balancer_asks_over_http_is_left_alone(tmp_path: Path, http: str) -> None:
    write(tmp_path, {WEB_FILE: f"{WEB}{http}command: uvicorn shop:app\n"})
    assert messages(tmp_path) == []


def test_a_longer_idle_timeout_counts(tmp_path: Path) -> None:
    files = {
        WEB_FILE: f"{WEB}{HTTP}command: uvicorn shop:app --timeout-keep-alive 75\n",
        "copilot/environments/overrides/cfn.patches.yml": IDLE,
    }
    write(tmp_path, files)
    [message] = messages(tmp_path)
    assert "for 120 s" in message


def test_a_variable_of_the_image_or_of_a_file_counts(tmp_path: Path) -> None:
    built = "name: web\ntype: Load Balanced Web Service\nimage: {build: Dockerfile, port: 80}\n"
    image = "FROM python:3.12\nENV UVICORN_TIMEOUT_KEEP_ALIVE=75\nCMD uvicorn a:b\n"
    write(tmp_path, {WEB_FILE: built + HTTP, "Dockerfile": image})
    assert messages(tmp_path) == []
    write(tmp_path, {"Dockerfile": "FROM python:3.12\nCMD uvicorn a:b\n"})
    assert messages(tmp_path) != []
    write(tmp_path, {WEB_FILE: f"{built}{HTTP}env_file: web.env\n"})
    write(tmp_path, {"web.env": "UVICORN_TIMEOUT_KEEP_ALIVE=75\n"})
    assert messages(tmp_path) == []


@pytest.mark.parametrize(
    ("command", "entry"),
    [
        ("uvicorn shop:app", '  UVICORN_TIMEOUT_KEEP_ALIVE: "75"\n'),
        (ASYNC, '  GUNICORN_CMD_ARGS: "--keep-alive 75"\n'),
    ],
)
def test_fix_sets_the_variable(ops: Ops, tmp_path: Path, command: str, entry: str) -> None:
    manifest = f"{WEB}{HTTP}command: {command}  # ours\nvariables:\n  A: b  # kept\n"
    write(tmp_path, {WEB_FILE: manifest})
    assert ops("check", "--fix", "--yes", "--workspace", str(tmp_path)).code == 0
    after = manifest.replace("variables:\n", f"variables:\n{entry}")
    assert (tmp_path / WEB_FILE).read_text() == after
    assert messages(tmp_path) == []
