"""The limit of deletions, and the questions before a sync."""

import io
import sys
from pathlib import Path

import boto3
import pytest

from ops.base.errors import OpsError
from ops.plan.model import Delete, Live, Plan, Unchanged
from ops.plan.reviewed.safety import check_deletions
from tests.ops.conftest import Ops
from tests.ops.support.existing_alarm import put_alarm


def plan(*, owned: int, deleted: int) -> Plan:
    there = [Live(f"alarm-{at}", {}, {}) for at in range(owned)]
    kept = (Unchanged(live) for live in there[deleted:])
    return Plan("alarms", (*(Delete(live) for live in there[:deleted]), *kept))


@pytest.mark.parametrize(
    ("owned", "deleted", "fine"),
    [(3, 3, True), (8, 4, True), (7, 4, False), (4, 4, False), (100, 10, True), (100, 11, False)],
)
def test_many_deletions_need_their_number(owned: int, deleted: int, *, fine: bool) -> None:
    plans = [plan(owned=owned, deleted=deleted)]
    if fine:
        check_deletions(plans, None)
    else:
        with pytest.raises(OpsError, match=f"--allow-deletes {deleted}"):
            check_deletions(plans, None)
    check_deletions(plans, deleted)
    with pytest.raises(OpsError):
        check_deletions(plans, deleted - 1)


@pytest.fixture
def undeclared(ops: Ops, deployed: dict[str, str], workspace: Path) -> Path:
    """Create two alarms that no file declares."""
    ops("alarms", "sync", "--env", "prod")
    (workspace / "copilot/web/ops.yml").write_text("")
    return workspace


def alarms() -> list[str]:
    found = boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return [alarm["AlarmName"] for alarm in found]


def test_a_limit_holds_back_the_whole_sync(ops: Ops, undeclared: Path) -> None:
    synced = ops("alarms", "sync", "--env", "prod", "--prune", "--allow-deletes", "1")
    assert synced.code == 1
    assert "Nothing was changed: 2 of the 2 resources" in synced.err
    assert len(alarms()) == 2
    assert ops("alarms", "sync", "--env", "prod", "--prune").code == 0
    assert not alarms()


def test_nothing_is_written_unasked(
    ops: Ops, deployed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPS_YES")
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))  # no terminal
    synced = ops("alarms", "sync", "--env", "prod")
    assert synced.code == 1
    assert "+ create shop-web-high-cpu" in synced.out
    assert "cannot ask for confirmation. Pass --yes" in synced.err
    assert not alarms()
    assert ops("alarms", "sync", "--env", "prod", "--yes").code == 0
    assert len(alarms()) == 2
    assert ops("alarms", "sync", "--env", "prod").code == 0  # nothing to do, nothing to ask


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "made"), [("y\n", 2), ("n\n", 0), ("\n", 0)])
def test_a_terminal_is_asked(
    ops: Ops, deployed: dict[str, str], monkeypatch: pytest.MonkeyPatch, answer: str, made: int
) -> None:
    monkeypatch.delenv("OPS_YES")
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    synced = ops("alarms", "sync", "--env", "prod")
    assert "Apply 2 changes?" in synced.err
    assert len(alarms()) == made
    assert synced.code == (0 if made else 1)


def test_whoever_is_asked_has_been_told_what_is_wrong(
    ops: Ops, deployed: dict[str, str], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The question comes after the report of a service that cannot be read."""
    boto3.client("cloudformation").delete_stack(StackName="shop-prod-worker")
    monkeypatch.delenv("OPS_YES")
    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    told = ops("sync", "--env", "prod").err
    assert "error: The service `worker` is not deployed" in told
    assert told.index("`worker` is not deployed") < told.index("Apply 3 changes?")
    assert told.count("is not deployed") == 1


def test_whoever_is_asked_sees_the_plan_beside_json_too(
    ops: Ops, deployed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPS_YES")
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    synced = ops("alarms", "sync", "--env", "prod", "--output", "json")
    shown, _, _ = synced.err.partition("Apply 2 changes?")
    assert "+ create shop-web-high-cpu" in shown
    assert [each["done"] for each in synced.data["results"]] == [True, True]


def test_delete_removes_what_ops_made_declared_or_not(ops: Ops, deployed: dict[str, str]) -> None:
    ops("alarms", "sync", "--env", "prod")
    put_alarm(boto3.client("cloudwatch"), "by-hand")
    deleted = ops("alarms", "delete", "--env", "prod")
    assert deleted.code == 0, deleted
    assert "✔ deleted shop-web-high-cpu" in deleted.out
    assert alarms() == ["by-hand"]
    assert ops("alarms", "delete", "--env", "prod").code == 0
