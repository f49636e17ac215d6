"""`ops check --fix`: its edits, its question, and that other files stay as they are."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.base import clock
from ops.check.edits import AddPatches, Patch, ReplaceInLine, SetKey
from tests.ops.check.conftest import CLEAN, write
from tests.ops.check.rules.cases.case import ON_SQS, SERVICE, WORKER_FILE
from tests.ops.check.rules.cases.dates import LATE, patch
from tests.ops.conftest import Ops

PATCHES = "copilot/worker/overrides/cfn.patches.yml"
KEPT = """\
# Ours, and it stays.
- op: add
  path: /Resources/Service/Properties/ServiceName
  value: !Sub ${AppName}-${WorkloadName}  # with its tag

- op: add   # odd spaces too
  path:   /Resources/LogGroup/DeletionPolicy
  value: Retain
"""
ADD = AddPatches("Why.", (Patch("replace", "/Resources/F/Properties/Runtime", "nodejs24.x"),))
ADDED = "# Why.\n- op: replace\n  path: /Resources/F/Properties/Runtime\n  value: nodejs24.x\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, CLEAN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(clock, "now", lambda: LATE)
    return tmp_path


def files_of(root: Path) -> dict[str, bytes]:
    paths = [path for path in root.rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def test_a_fixed_workspace_is_green_and_is_not_fixed_again(ops: Ops, shop: Path) -> None:
    assert ops("check", "--strict").code == 1
    run = ops("check", "--fix", "--yes", "--strict")
    assert run.code == 0, run.out
    assert f"+++ b/{PATCHES}" in run.err
    assert "+  path: /Resources/EnvControllerFunction/Properties/Runtime" in run.err
    written = files_of(shop)
    again = ops("check", "--fix", "--yes", "--strict")
    assert again.code == 0
    assert "Nothing to fix" in again.err
    assert files_of(shop) == written


def test_a_file_that_exists_keeps_its_text(ops: Ops, shop: Path) -> None:
    write(shop, {PATCHES: KEPT})
    ops("check", "--fix", "--yes")
    text = (shop / PATCHES).read_text()
    assert text.startswith(KEPT)
    assert text.count("/Resources/EnvControllerFunction/Properties/Runtime") == 1


def test_an_old_patch_is_changed_in_its_place(ops: Ops, shop: Path) -> None:
    old = patch("EnvControllerFunction", "nodejs18.x  # once new")
    write(shop, {PATCHES: old})
    ops("check", "--fix", "--yes")
    assert (shop / PATCHES).read_text() == old.replace("nodejs18.x", "nodejs24.x")


def test_a_cdk_override_is_told_what_to_write(ops: Ops, shop: Path) -> None:
    cdk = {
        "copilot/worker/overrides/cdk.json": "{}",
        "copilot/worker/overrides/stack.ts": "export class TransformedStack {}\n",
    }
    write(shop, cdk)
    run = ops("check", "--fix", "--yes")
    assert not (shop / PATCHES).exists()
    call = 'getResource("EnvControllerFunction").addPropertyOverride("Runtime", "nodejs24.x")'
    assert call in run.out
    write(shop, {"copilot/worker/overrides/stack.ts": f"this.template.{call};\n"})
    assert "copilot/worker" not in ops("check").out


def test_without_a_terminal_it_asks_nobody_and_writes_nothing(ops: Ops, shop: Path) -> None:
    before = files_of(shop)
    run = ops("check", "--fix")
    assert run.code == 1
    assert "--yes" in run.err
    assert files_of(shop) == before


def test_an_ignored_finding_is_not_fixed(ops: Ops, shop: Path) -> None:
    manifest = CLEAN["copilot/worker/manifest.yml"].replace(
        "type:", "# ops: ignore lambda-runtime we leave Copilot in December\ntype:"
    )
    write(shop, {"copilot/worker/manifest.yml": manifest})
    ops("check", "--fix", "--yes")
    assert not (shop / PATCHES).exists()
    assert (shop / "copilot/web/overrides/cfn.patches.yml").exists()


def test_a_file_that_is_no_list_of_patches_is_left_alone(ops: Ops, shop: Path) -> None:
    for text in ("a: 1\n", "[]\n", "- op: [\n", "- {op: a}\n---\n- {op: b}\n"):
        write(shop, {PATCHES: text})
        ops("check", "--fix", "--yes")
        assert (shop / PATCHES).read_text() == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ADDED),
        ("# Nothing yet.\n", f"# Nothing yet.\n\n{ADDED}"),
        ("- {op: remove, path: /a}", f"- {{op: remove, path: /a}}\n\n{ADDED}"),
        (
            "  - op: remove\n    path: /a\n",
            "  - op: remove\n    path: /a\n\n"
            + "".join(f"  {line}\n" for line in ADDED.splitlines()),
        ),
        (
            "- op: remove\r\n  path: /a\r\n",
            f"- op: remove\n  path: /a\n\n{ADDED}".replace("\n", "\r\n"),
        ),
    ],
)
def test_patches_are_appended_as_the_file_is_written(before: str, after: str) -> None:
    assert ADD.apply(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("name: a\n", 'name: a\n\nvariables:\n  K: "75"\n'),
        ("variables:\n    A: b  # c\n", 'variables:\n    K: "75"\n    A: b  # c\n'),
        ("variables: {A: b}\n", 'variables: {K: "75", A: b}\n'),
        ("variables:\n  K: 5\n", "variables:\n  K: 5\n"),
        ("a: &a {A: b}\nvariables: *a\n", "a: &a {A: b}\nvariables: *a\n"),
        ("variables: {<<: &a {A: b}}\n", 'variables: {K: "75", <<: &a {A: b}}\n'),
    ],
)
def test_a_variable_is_added_or_nothing_is(before: str, after: str) -> None:
    assert SetKey("variables", "K", "75").apply(before) == after


def test_what_stands_twice_in_a_line_is_not_replaced() -> None:
    assert ReplaceInLine(1, "a", "b").apply("a a\n") == "a a\n"
    assert ReplaceInLine(2, "a", "b").apply("a\na\n") == "a\nb\n"
    assert ReplaceInLine(3, "a", "b").apply("a\na\n") == "a\na\n"


def test_a_day_in_utc(shop: Path, ops: Ops, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC))
    assert ops("check").code == 0
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 2, 1, tzinfo=UTC))
    assert ops("check").code == 1


@pytest.mark.parametrize(
    ("command", "fixed"),
    [
        ("celery worker --prefetch-multiplier=4  # ours\n", True),
        ("[celery, worker, --prefetch-multiplier=0]\n", True),
        ("[celery, worker, --prefetch-multiplier, '4']\n", False),  # two words: shown, not fixed
    ],
)
def test_a_worker_takes_one_message(ops: Ops, shop: Path, command: str, fixed: bool) -> None:
    manifest = f"{ON_SQS}command: {command}"
    write(shop, {WORKER_FILE: manifest})
    ops("check", "--fix", "--yes")
    after = re.sub(r"multiplier=\d", "multiplier=1", manifest)
    assert (shop / WORKER_FILE).read_text() == after
    assert ("hoarded-messages" in ops("check").out) is not fixed


def test_a_stop_timeout_is_the_most_that_fargate_gives(ops: Ops, shop: Path) -> None:
    path = "ContainerDefinitions[0].StopTimeout"
    manifest = f"{SERVICE}taskdef_overrides:\n  - {{path: '{path}', value: 300}}  # ours\n"
    write(shop, {WORKER_FILE: manifest})
    ops("check", "--fix", "--yes")
    assert (shop / WORKER_FILE).read_text() == manifest.replace("300", "120")
