"""Following a log: each event is shown once, however late and in any order."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from ops.oncall.logs.event import LogEvent
from ops.oncall.logs.follow import LATEST, OVERLAP, Follower

BEGIN = 1_795_500_000_000
STEP = 2_000  # milliseconds from round to round


@dataclass(frozen=True)
class Written:
    """An event with its time and the delay until CloudWatch shows it, in milliseconds."""

    at: int
    delay: int


written = st.builds(Written, st.integers(0, 300_000), st.integers(0, OVERLAP - STEP))


@given(st.lists(written, max_size=40))
def test_nothing_is_lost_and_nothing_comes_twice(events: list[Written]) -> None:
    log = [
        (each.at + each.delay, LogEvent(BEGIN + each.at, "worker", "s", str(number), "x"))
        for number, each in enumerate(events)
    ]
    follower = Follower(BEGIN)
    seen: list[str] = []
    for now in range(0, 300_000 + OVERLAP + STEP, STEP):
        answer = [e for shown, e in log if shown <= now and e.timestamp >= follower.since]
        seen += [each.id for each in follower.fresh(answer, BEGIN + now)]
    assert sorted(seen) == sorted(str(number) for number in range(len(events)))


def test_a_quiet_log_is_not_read_from_the_start_for_ever() -> None:
    follower = Follower(BEGIN)
    now = BEGIN + 10 * LATEST
    assert follower.fresh([], now) == []
    assert follower.since == now - LATEST


def test_a_clock_in_the_future_does_not_blind_it() -> None:
    follower = Follower(BEGIN)
    ahead = LogEvent(BEGIN + 3_600_000, "worker", "s", "ahead", "x")
    assert follower.fresh([ahead], BEGIN + STEP) == [ahead]
    late = LogEvent(BEGIN + STEP, "worker", "s", "late", "x")
    assert follower.since <= late.timestamp
    assert follower.fresh([late, ahead], BEGIN + 2 * STEP) == [late]
