"""The four outputs, and the exit code."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ops.check.files.reading import read_subject
from ops.check.finding import Finding, Severity
from ops.check.output.sarif import as_sarif
from ops.check.output.text import as_github, as_text
from ops.check.registry import rules
from ops.check.run import Report, check
from ops.check.subject.live import Live, Stored
from tests.ops.check.conftest import CLEAN, write
from tests.ops.conftest import Ops

WORKER = "copilot/worker/manifest.yml"
WRONG = "name: worker\ntype: Backend Service\nimage: {location: a}\ncount: -1\nexec: true\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, {**CLEAN, WORKER: WRONG})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_text_says_where_why_and_how_to_fix(ops: Ops, shop: Path) -> None:
    run = ops("check")
    assert run.code == 1
    assert f"  {WORKER}:4: the count is -1" in run.out
    assert "Why" not in run.out
    assert "ECS refuses it" in run.out
    assert "Write 0 or more." in run.out
    assert "https://aws.github.io/copilot-cli/" in run.out
    assert "1 error, 0 warnings by " in run.out


def test_many_places_of_one_cause_are_counted(ops: Ops, shop: Path) -> None:
    variables = "".join(f"  A{number}: ${{NOT_SET_HERE}}\n" for number in range(9))
    write(shop, {WORKER: f"{WRONG}variables:\n{variables}"})
    shown = ops("check").out
    assert shown.count("${NOT_SET_HERE} is not set in this shell") == 3
    assert "  and 6 more with the same cause; --output json lists them\n" in shown
    assert "9 warnings by " in shown
    found = ops("check", "--output", "json").data["findings"]
    assert sum(each["rule"] == "missing-variable" for each in found) == 9


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (None, "the parameter `/a0` does not exist"),
        (Stored(), "has no tag copilot-environment=prod"),
    ],
)
def test_one_cause_of_many_secrets_is_shown_once(
    shop: Path, stored: Stored | None, message: str
) -> None:
    names = [f"/a{number}" for number in range(100)]
    secrets = "".join(f"  A{name[2:]}: {name}\n" for name in names)
    write(shop, {WORKER: f"{WRONG}secrets:\n{secrets}"})
    live = Live(environment="prod", parameters=dict.fromkeys(names, stored))
    shown = as_text(check(replace(read_subject(shop, environment="prod"), live=live)))
    assert message in shown
    assert "  and 97 more with the same cause; --output json lists them\n" in shown
    assert shown.count("parameter `/a") < 7


def test_json_has_every_field(ops: Ops, shop: Path) -> None:
    run = ops("check", "--output", "json")
    assert run.code == 1
    [finding] = run.data["findings"]
    assert finding.keys() == {
        "rule", "severity", "path", "line", "message", "why", "fix", "link", "fixable",
    }  # fmt: skip
    assert (finding["path"], finding["line"], finding["severity"]) == (WORKER, 4, "error")
    assert run.data["summary"]["error"] == 1


def test_warnings_fail_only_a_strict_check(ops: Ops, shop: Path) -> None:
    write(shop, {WORKER: WRONG.replace("count: -1", "storage: {readonly_fs: true}")})
    assert ops("check").code == 0
    assert ops("check", "--strict").code == 1


def test_a_clean_workspace_ends_with_0(ops: Ops, shop: Path) -> None:
    write(shop, CLEAN)
    run = ops("check", "--strict")
    assert (run.code, run.out.count("\n")) == (0, 1)
    assert ops("check", "--output", "github").out == ""


def finding(message: str, path: str = "copilot/a:b,c/manifest.yml") -> Finding:
    return Finding("rule", Severity.WARNING, Path(path), 3, message, "Why.", "Fix.", "Fix.", "l")


def test_github_commands_are_escaped() -> None:
    report = Report((finding("50 %\nof: it, all"),), 0, 1, 1)
    assert as_github(report, Path("apps/shop")) == (
        "::warning file=apps/shop/copilot/a%3Ab%2Cc/manifest.yml,line=3,title=rule"
        "::50 %25%0Aof: it, all%0AWhy.%0AFix.%0Al"
    )


def test_sarif_has_what_its_schema_requires(ops: Ops, shop: Path) -> None:
    run = ops("check", "--output", "sarif")
    assert run.code == 1
    log: dict[str, Any] = run.data
    assert log["version"] == "2.1.0"
    [scan] = log["runs"]
    driver = scan["tool"]["driver"]
    assert driver["name"]
    assert [each["id"] for each in driver["rules"]] == [each.id for each in rules()]
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"none", "note", "warning", "error"}
        assert rule.get("helpUri", "https://").startswith("https://")
    [result] = scan["results"]
    assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "negative-count"
    assert result["message"]["text"]
    [location] = result["locations"]
    physical = location["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == WORKER
    assert physical["artifactLocation"]["uriBaseId"] in scan["originalUriBaseIds"]
    assert physical["region"]["startLine"] == 4


def test_sarif_addresses_are_addresses_whatever_the_path() -> None:
    log: Any = as_sarif(Report((finding("m", "copilot/ä b/x.yml"),), 0, 1, 1), rules(), Path("s"))
    physical = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "s/copilot/%C3%A4%20b/x.yml"


def test_paths_begin_where_the_pipeline_stands(
    ops: Ops, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.parent)
    run = ops("check", "--output", "github", "--workspace", str(shop))
    assert f"::error file={shop.name}/{WORKER},line=4," in run.out


def test_one_environment_alone(ops: Ops, shop: Path) -> None:
    override = "environments:\n  prod: {count: -2}\n  test: {count: 1}\n"
    write(shop, {WORKER: WRONG.replace("count: -1", "count: 1") + override})
    assert ops("check", "--env", "test").code == 0
    assert "the count is -2" in ops("check", "--env", "prod").out
    assert "no file names an environment `prd`" in ops("check", "--env", "prd").err


def test_the_manifest_of_another_environment_is_left_out(ops: Ops, shop: Path) -> None:
    environment = "copilot/environments/{0}/manifest.yml"
    wrong = "name: prod\ntype: Environment\nhttp: {public: {security_groups: {ingress: []}}}\n"
    right = "name: test\ntype: Environment\n"
    write(shop, {environment.format("prod"): wrong, environment.format("test"): right})
    write(shop, {WORKER: WRONG.replace("count: -1", "count: 1")})
    assert environment.format("prod") in ops("check", "--env", "prod").out
    assert ops("check", "--env", "test").code == 0
    assert environment.format("prod") not in ops("check", "--env", "test").out


def test_no_workspace_is_told(ops: Ops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = ops("check")
    assert run.code == 1
    assert "no Copilot workspace" in run.err


def test_a_check_without_live_loads_no_botocore(shop: Path) -> None:
    script = (
        "import json, sys; from ops.__main__ import main;"
        "code = main(['check', '--output', 'json']);"
        "sys.exit(f'{code} {sorted(sys.modules)}' if 'botocore' in sys.modules else 0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=shop
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["summary"]["error"] == 1
