"""The states of a release: its way back, what a successor inherits, and its storage."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ops.base.errors import OpsError
from ops.release.decisions.record import (
    Progress,
    State,
    as_text,
    continuing,
    from_text,
    good_before,
    inheriting,
)
from ops.release.decisions.takeover import Continue, FinishWayBack, Fresh, Signs, beginning
from tests.ops.release.records import BEGAN, V1, V2, V3, at, record

SILENT = Signs(timedelta(minutes=2), is_here=False)
HEARD = Signs(timedelta(seconds=10), is_here=False)


def test_the_way_back_is_what_was_touched_in_reverse() -> None:
    began = at(
        record(("api",), ("worker", "beat"), ("late",)),
        api=Progress.RELEASED,
        worker=Progress.DEPLOYING,
        beat=Progress.RELEASED,
    )
    waves = [[part.workload for part in wave] for wave in began.way_back()]
    assert waves == [["worker", "beat"], ["api"]]
    assert {part.before for wave in began.way_back() for part in wave} == {"v1"}


def test_what_was_not_deployed_before_stays() -> None:
    began = at(record(("api",), before=None), api=Progress.DEPLOYING)
    assert began.way_back() == ()


def test_a_record_survives_its_storage() -> None:
    written = at(record(("api",), ("worker",)), api=Progress.RELEASED).failing("it broke\n✘ badly")
    assert from_text(as_text(written)) == written
    ended = written.ending(State.WENT_BACK, BEGAN + timedelta(minutes=3), "later")
    assert from_text(as_text(ended)) == ended
    assert ended.reason == "it broke\n✘ badly"


def test_twenty_five_workloads_and_a_long_reason_fit_into_a_parameter() -> None:
    names = tuple(f"service-{number}" for number in range(25))
    stored = as_text(record(*((name,) for name in names)).failing("x" * 10_000))
    assert len(stored.encode()) < 4096


def test_a_successor_goes_back_to_what_ran_before_the_dead_one() -> None:
    dead = at(record(("api",), ("worker",), after=V2), api=Progress.RELEASED)
    new = record(("api",), ("worker",), after=V3, before=V2, number=8)
    taken = inheriting(new, dead)
    assert [(part.before, part.after) for part in taken.parts] == [("v1", "v3"), ("v1", "v3")]


def test_a_successor_of_the_same_tag_keeps_what_is_done() -> None:
    dead = at(record(("api",), ("worker",)), api=Progress.RELEASED, worker=Progress.DEPLOYING)
    taken = inheriting(record(("worker",), number=8), dead)
    assert taken.waves == (("api",), ("worker",))
    assert taken.part("api").progress is Progress.RELEASED
    assert taken.part("worker").progress is Progress.WAITING


def test_a_way_back_is_finished_as_it_was_begun() -> None:
    dead = at(record(("api",), ("worker",)), api=Progress.RELEASED).failing("it broke")
    mine = replace(record(("api",), number=8), by="bob", process=2)
    taken = continuing(mine, dead)
    assert (taken.number, taken.by, taken.process) == (8, "bob", 2)
    assert (taken.state, taken.reason) == (State.GOING_BACK, "it broke")
    assert taken.way_back() == dead.way_back()


def test_only_a_release_that_is_alive_refuses_another() -> None:
    open_ = record(("api",)).at("deploying api")
    assert beginning(None, HEARD) == Fresh()
    assert beginning(open_.ending(State.FAILED, BEGAN), HEARD) == Fresh()
    with pytest.raises(OpsError) as refused:
        beginning(open_, HEARD)
    for word in ("v2", "ada", "here", "2026-11-28 12:00 UTC", "deploying api", "10 s ago"):
        assert word in str(refused.value)
    here = replace(HEARD, is_here=True)
    with pytest.raises(OpsError):
        beginning(open_, replace(here, runs=True))
    for dead in (SILENT, here):
        assert beginning(open_, dead) == Continue(open_)
    assert beginning(replace(open_, is_left=True), HEARD) == Continue(replace(open_, is_left=True))
    back = open_.failing("it broke")
    assert beginning(back, SILENT) == FinishWayBack(back)


def test_going_back_twice_goes_back_two_releases() -> None:
    def released(number: int, before: object, after: object, *, back: bool = False) -> object:
        made = record(("api",), before=before, after=after, number=number)  # type: ignore[arg-type]
        return replace(made.ending(State.RELEASED, BEGAN), is_rollback=back)

    history = [
        released(3, V3, V2, back=True),
        released(2, V2, V3),
        released(1, V1, V2),
    ]
    good = good_before(history, {"api": "v2"})  # type: ignore[arg-type]
    assert good is not None
    assert good.part("api").before == "v1"
    good = good_before(history[1:], {"api": "v3"})  # type: ignore[arg-type]
    assert good is not None
    assert good.part("api").before == "v2"
    assert good_before(history, {"api": "elsewhere"}) is None  # type: ignore[arg-type]
