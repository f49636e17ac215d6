"""Ctrl-C takes effect where `ops local up` waits, once, and takes along what it waits for."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from ops.local.run.stop import Stop

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
    signal.raise_signal(number)


def test_it_ends_a_wait(stop: Stop) -> None:
    with pytest.raises(KeyboardInterrupt), stop.interruptible():
        signal.raise_signal(signal.SIGINT)


def test_later_ones_do_not_hinder_the_end(stop: Stop) -> None:
    def wait_and_end() -> None:
        try:
            with stop.interruptible():
                signal.raise_signal(signal.SIGINT)
        finally:
            signal.raise_signal(signal.SIGINT)
            ends.append("whole")

    ends: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        wait_and_end()
    assert ends == ["whole"]


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
