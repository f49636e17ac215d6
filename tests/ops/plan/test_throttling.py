"""A sync while AWS throttles and fails, two syncs at once, and an interrupted one."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import boto3
import pytest

from ops.__main__ import main
from ops.base.kinds import KINDS
from tests.ops.conftest import Ops
from tests.ops.support import every_kind
from tests.ops.support.faults import Faults
from tests.ops.support.sessions import on_sessions_of_ops

MANY = 200  # resources of all kinds, most of them alarms
ALARMS = 175


@pytest.fixture
def many(aws: None, workspace: Path) -> None:
    """Declare something of every kind for staging."""
    every_kind.declare(workspace, alarms=ALARMS)
    every_kind.deploy()


def alarms() -> int:
    pages = boto3.client("cloudwatch").get_paginator("describe_alarms")
    found = pages.paginate(AlarmNamePrefix="shop-staging-web-", AlarmTypes=["MetricAlarm"])
    return sum(len(page["MetricAlarms"]) for page in found)


def assert_settled(ops: Ops) -> None:
    """Check that everything of every kind is as declared."""
    planned = ops("plan", "--env", "staging", "--exit-code", "--output", "json")
    changes = [each for kind in planned.data["kinds"] for each in kind["changes"]]
    assert not [each for each in changes if each["action"] != "unchanged"]
    assert planned.code == 0, planned
    settled = {each["kind"]: len(each["changes"]) for each in planned.data["kinds"]}
    assert settled.keys() == {kind.name for kind in KINDS}
    assert all(settled.values())
    assert planned.data["summary"]["unchanged"] == sum(settled.values()) >= MANY
    assert alarms() == ALARMS


def test_a_sync_converges_on_a_bad_day(
    ops: Ops, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = Faults(monkeypatch, throttled=0.3, broken=0.1)
    for _ in range(4):
        before = alarms()
        synced = ops("sync", "--env", "staging", "--output", "json")
        results = synced.data["results"]
        done = sum(each["done"] for each in results if "-alarm-" in each["name"])
        assert alarms() - before >= done  # where the answer was lost, more was done than is told
        assert synced.code == int(
            any(not each["done"] for each in results) or "error: " in synced.err
        )
        if synced.code == 0:
            break
    assert faults.answered["throttled"] > MANY / 4
    assert faults.answered["lost"] > MANY / 40
    faults.end()
    assert_settled(ops)


def test_two_syncs_at_once_converge(ops: Ops, many: None) -> None:
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(main, [["sync", "--env", "staging"]] * 2))
    assert codes == [0, 0]
    assert_settled(ops)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_cancelled_job_reports_and_the_next_run_finishes(
    ops: Ops, many: None, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """Send the signal with the twentieth alarm."""
    put = count(1)

    def cancel(**_: object) -> None:
        if next(put) == 20:
            os.kill(os.getpid(), number)

    def unheard(*_: object) -> None:
        pytest.fail("the signal was left to Python")

    on_sessions_of_ops(monkeypatch, "before-call.cloudwatch.PutMetricAlarm", cancel)
    before = signal.signal(number, unheard)
    try:
        synced = ops("sync", "--env", "staging", "--output", "json")
        assert signal.getsignal(number) is unheard  # as it was
    finally:
        signal.signal(number, before)
    assert synced.code == 1
    results = synced.data["results"]
    done = [each for each in results if each["done"]]
    assert 20 <= len(done) < MANY / 2
    left = [each["error"] for each in results if not each["done"]]
    assert all(error.startswith("Skipped: interrupted. Run the same command") for error in left)
    assert ops("sync", "--env", "staging").code == 0
    assert_settled(ops)


def test_two_deletions_at_once_converge(ops: Ops, aws: None, workspace: Path) -> None:
    """Policies, targets and repositories are left out: moto's errors for missing ones differ from
    AWS's, and its tag index has no repositories.
    """
    every_kind.declare(workspace, alarms=2)
    every_kind.deploy()
    ops("sync", "--env", "staging")
    for kind in ("alarms", "log-metrics", "dashboards", "topics"):
        with ThreadPoolExecutor(2) as pool:
            codes = list(pool.map(main, [[kind, "delete", "--env", "staging"]] * 2))
        assert codes == [0, 0], kind
    assert alarms() == 0
