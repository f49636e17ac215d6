"""Redrawing a screen."""

import re

import pytest

from ops.base.errors import OpsError
from ops.base.words import between, number, span
from ops.oncall.status.watch import frame, watch


def lines_of(drawn: str) -> list[str]:
    return re.sub(r"\x1b\[[A-Z0-9]*", "", drawn).splitlines()


def test_what_does_not_fit_is_counted() -> None:
    text = "\n".join(f"line {number}" for number in range(10))
    assert lines_of(frame(text, 24)) == text.splitlines()
    assert lines_of(frame(text, 5)) == ["line 0", "line 1", "line 2", "… 7 more lines"]


def test_a_round_that_fails_is_told_and_ctrl_c_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    screens = iter(("first", None, "third"))
    waits = iter([None, None, KeyboardInterrupt()])

    def draw() -> str:
        screen = next(screens)
        if screen is None:
            raise OpsError("AWS throttles")
        return screen

    def wait() -> None:
        interruption = next(waits)
        if interruption:
            raise interruption

    watch(draw, wait)
    out = capsys.readouterr().out
    assert out.index("first") < out.index("error: AWS throttles.") < out.index("third")
    assert out.endswith("\n")


def test_times_and_numbers() -> None:
    assert [span(each) for each in (0, 59.6, 61, 3600, 90_061)] == [
        "0 s",
        "1 min",
        "1 min 1 s",
        "1 h",
        "1 d 1 h",
    ]
    assert [between(2, 5), between(3, 3), between(None, 4), between(1, None)] == [
        "2 to 5",
        "3",
        "at most 4",
        "at least 1",
    ]
    assert [number(1, "task"), number(0, "task"), number(2, "delivery", "deliveries")] == [
        "1 task",
        "0 tasks",
        "2 deliveries",
    ]
