"""The clock of the control plane, and the thread that follows it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ops.local.fargate.balancers.requests import Requests
from ops.local.loop.thread import ControlLoop
from ops.local.metrics.clock import FILE, Clock
from ops.local.plane import ControlPlane
from tests.local.loop.world import NOON, REGION
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from ops.local.endpoint.server import EmbeddedAws


def test_time_runs_as_many_times_as_fast() -> None:
    real = 100.0
    clock = Clock(30, NOON, 100.0, lambda: real)
    assert clock.now() == NOON
    real = 102.0
    assert clock.now() == NOON + 60
    assert clock.ahead() == 58
    assert clock.real_seconds(NOON + 90) == 1
    assert clock.real_seconds(NOON) == 0


def test_real_time_is_not_ahead() -> None:
    clock = Clock(1, NOON, 0.0, lambda: 500.0)
    assert (clock.now(), clock.ahead()) == (NOON + 500, 0)


def test_another_process_reads_the_same_clock(tmp_path: Path) -> None:
    clock = Clock(30)
    clock.slip(600)
    clock.write(tmp_path)
    assert Clock.read(tmp_path).now() == pytest.approx(clock.now(), abs=5)


def test_who_reads_while_it_is_written_reads_a_whole_clock(tmp_path: Path) -> None:
    Clock(30).write(tmp_path)
    with (tmp_path / FILE).open() as opened:
        Clock(7).write(tmp_path)
        assert json.load(opened)[0] == 30
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_loop_that_cannot_keep_up_sets_its_clock_back(aws: EmbeddedAws, tmp_path: Path) -> None:
    """At ten million times real time no machine keeps up: ticks stay ten seconds apart."""
    plane = ControlPlane(REGION, print, tmp_path, Clock(1e7, NOON))
    loop = ControlLoop(plane, list, Requests())
    ticks: list[float] = []
    loop.tick = ticks.append  # type: ignore[method-assign, assignment]
    loop.start()
    until("three ticks", lambda: len(ticks) > 2)
    loop.stop()
    assert ticks[1] - ticks[0] == ticks[2] - ticks[1] == 10
    assert loop.clock.now() - ticks[-1] < 1e7  # a second of real time


def test_the_speed_changes_and_no_time_is_lost() -> None:
    real = [0.0]
    clock = Clock(1, NOON, 0.0, lambda: real[0])
    real[0] = 10
    clock.change_speed(30)
    real[0] = 20
    assert clock.now() == NOON + 10 + 300
    assert clock.ahead() == 290
    clock.change_speed(1)
    real[0] = 30
    assert clock.now() == NOON + 320
    assert clock.ahead() == 290
