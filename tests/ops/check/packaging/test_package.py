"""`ops check --package` as a user runs it, with the real Copilot CLI."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.ops.check.conftest import CLEAN, write

if TYPE_CHECKING:
    from pathlib import Path

SUBSCRIBER = """\
name: mailer
type: Worker Service
image: {location: a}
subscribe: {topics: [{name: donations, service: api}, {name: refunds, service: elsewhere}]}
"""
PUBLISHER = """\
name: api
type: Backend Service
image: {location: 'a:${TAG}'}
publish: {topics: [{name: donations}]}
"""
JOB = """\
name: report
type: Scheduled Job
image: {location: a}
on: {schedule: "@daily"}
"""
# Copilot packages it for `prod` and not for `test`.
BROKEN = """\
environments:
  test:
    nlb:
      port: 443/tls
      alias: [{name: a.shop.example.org, hosted_zone: Z1}]
"""
WORKSPACE = {
    **CLEAN,
    "copilot/api/manifest.yml": PUBLISHER,
    "copilot/mailer/manifest.yml": SUBSCRIBER,
    "copilot/report/manifest.yml": JOB,
}


def _check(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ops", "check", "--package", "--workspace", str(folder)]
    return subprocess.run(
        [*command, *options], capture_output=True, text=True, timeout=120, check=False
    )


def test_a_workspace_that_copilot_packages_has_no_finding(tmp_path: Path) -> None:
    write(tmp_path, WORKSPACE)
    before = sorted(tmp_path.rglob("*"))
    run = _check(tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert "copilot-refuses" not in run.stdout
    assert sorted(tmp_path.rglob("*")) == before


def test_an_alias_may_be_the_domain_of_the_application(tmp_path: Path) -> None:
    web = "name: web\ntype: Load Balanced Web Service\nimage: {location: a, port: 80}\n"
    write(
        tmp_path, {**CLEAN, "copilot/web/manifest.yml": f"{web}http: {{path: /, alias: a.org}}\n"}
    )
    run = _check(tmp_path)
    assert "was not packaged" not in run.stderr


def test_a_workspace_without_its_file_is_packaged_for_the_named_application(tmp_path: Path) -> None:
    write(tmp_path, WORKSPACE)
    (tmp_path / "copilot" / ".workspace").unlink()
    run = _check(tmp_path, "--app", "shop")
    assert (run.returncode, run.stderr) == (0, "")


def test_refusals_are_findings_with_file_and_line(tmp_path: Path) -> None:
    web = f"{CLEAN['copilot/web/manifest.yml']}{BROKEN}"
    environment = "name: test\ntype: Environment\nhttp:\n  public:\n    certificates: [none]\n"
    job = JOB.replace("@daily", "0 9 L * *")
    write(
        tmp_path,
        {
            **WORKSPACE,
            "copilot/web/manifest.yml": web,
            "copilot/environments/test/manifest.yml": environment,
            "copilot/report/manifest.yml": job,
        },
    )
    run = _check(tmp_path, "--output", "github")
    refused = [line for line in run.stdout.splitlines() if "title=copilot-refuses" in line]
    places = [line.partition(",title")[0].removeprefix("::error ") for line in refused]
    assert places == [
        "file=copilot/environments/test/manifest.yml,line=5",
        "file=copilot/report/manifest.yml,line=4",
        "file=copilot/web/manifest.yml,line=11",
    ]
    assert refused[-1].partition("::")[2].partition("%0A")[0].endswith("(only in `test`)")
    assert run.returncode == 1


def test_a_missing_extra_is_named_in_one_line(tmp_path: Path) -> None:
    write(tmp_path, CLEAN)
    program = """
import sys
sys.modules["boto3"] = None
from ops.__main__ import main
sys.exit(main(["check", "--package"]))
"""
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    expected = "error: the module boto3 is missing: run `pip install 'amply-on-copilot[local]'`\n"
    assert (run.returncode, run.stderr) == (1, expected)


@pytest.mark.parametrize(
    ("files", "options", "error"),
    [
        ({"copilot/.workspace": "a: b\n"}, (), "names no application, which --package needs"),
        (
            {
                "copilot/.workspace": "application: shop\n",
                "copilot/api/manifest.yml": PUBLISHER,
            },
            (),
            "No file names an environment, and Copilot packages for one. Pass it with --env.",
        ),
    ],
)
def test_what_is_missing_is_asked_for(
    tmp_path: Path, files: dict[str, str], options: tuple[str, ...], error: str
) -> None:
    write(tmp_path, files)
    run = _check(tmp_path, *options)
    assert run.returncode == 1
    assert error in run.stderr
