"""The benchmark of `ops sync` fails if a limit is exceeded. Nothing is measured here."""

import sys
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from benchmarks import ops as benchmark
from benchmarks.ops import Measured


@pytest.mark.parametrize(
    ("create", "no_change", "calls", "code"),
    [(1.2, 1.4, 45, 0), (1.4, 1.4, 45, 1), (1.2, 1.6, 45, 1), (1.2, 1.4, 46, 1)],
)
def test_a_limit_that_is_not_kept_is_told_and_ends_with_1(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    create: float,
    no_change: float,
    calls: int,
    code: int,
) -> None:
    measured = {
        "create: bare": Measured([1.0, 2.0], [1000, 1000]),
        "create: ops": Measured([create, 2 * create], [1010, 1010]),
        "no change: bare": Measured([3.0], [10]),
        "no change: ops": Measured([3 * no_change], [calls]),
    }
    monkeypatch.setattr(benchmark, "_emulator", lambda _: nullcontext(SimpleNamespace(address="")))
    monkeypatch.setattr(benchmark, "_measure", lambda *_: measured)
    monkeypatch.setattr("os.environ", {})
    monkeypatch.setattr(sys, "argv", ["benchmarks.ops"])
    assert benchmark.main() == code
    assert ("NOT KEPT" in capsys.readouterr().out) is bool(code)
