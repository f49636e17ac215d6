"""Ctrl-C stops `ops local up` wherever it waits, and what it waits for."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ops.local.run.processes.stop import Stop

if TYPE_CHECKING:
    from collections.abc import Iterator

STUBBORN = "trap '' INT TERM; echo started; sleep 600 & wait; wait"


@pytest.fixture
def stop() -> Iterator[Stop]:
    stop = Stop()
    with stop.listening():
        yield stop


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_takes_effect_at_the_next_wait_alone(stop: Stop, number: signal.Signals) -> None:
    signal.raise_signal(number)
    waited = False
    with pytest.raises(KeyboardInterrupt), stop.interruptible():
        waited = True
    assert not waited


def test_it_ends_a_wait(stop: Stop) -> None:
    with pytest.raises(KeyboardInterrupt), stop.interruptible():
        signal.raise_signal(signal.SIGINT)


HANGING = """
import signal, sys, threading
from ops.local.run.processes.stop import Stop

stop = Stop(at_once=lambda: print("cleaned", flush=True), limit=float(sys.argv[1]))
with stop.listening():
    print("listening", flush=True)
    try:
        stop.wait()
    finally:
        print("ending", flush=True)
        while True:
            threading.Event().wait(1)
"""


@pytest.mark.parametrize(("limit", "signals"), [("600", 2), ("0.1", 1)])
def test_an_end_that_hangs_is_cut_short(limit: str, signals: int) -> None:
    """A second signal, or the end of the time limit, kills what hangs."""
    with subprocess.Popen(
        [sys.executable, "-c", HANGING, limit],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "listening\n"
        for _ in range(signals):
            process.send_signal(signal.SIGINT)
            if signals > 1:
                assert process.stdout.readline() in ("ending\n", "cleaned\n")
        assert process.wait(60) == 130
        assert process.stderr.read() == "Ended at once.\n"


SLOW = HANGING.replace('print("cleaned", flush=True)', "threading.Event().wait()")


def test_a_last_action_that_hangs_does_not_hold_up_the_end() -> None:
    done = subprocess.Popen(
        [sys.executable, "-c", SLOW, "600"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with done as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in ("listening\n", "ending\n"):
            assert process.stdout.readline() == line
            process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr.read() == "Ended at once.\n"


def test_it_kills_what_is_waited_for_with_its_children(stop: Stop) -> None:
    with subprocess.Popen(
        ["sh", "-c", STUBBORN], stdout=subprocess.PIPE, start_new_session=True, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        with pytest.raises(KeyboardInterrupt), stop.waiting_for(process):
            signal.raise_signal(signal.SIGINT)
        assert process.returncode == -signal.SIGKILL
        assert process.stdout.read() == ""  # the child has it open until it ends


def test_the_handlers_of_before_are_there_again() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Stop().listening():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
