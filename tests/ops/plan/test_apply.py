"""Applying plans: the order of changes, and the report of failures."""

import threading
from collections.abc import Collection

import pytest

from ops.base.errors import OpsError
from ops.plan.apply import apply
from ops.plan.model import Create, Delete, Live, Plan, Resource, Update
from ops.plan.remote import Trace
from ops.plan.report import Result


class Recorder:
    """A kind whose resources are names; some of them fail."""

    def __init__(self, **wrong: BaseException) -> None:
        self.wrong = wrong
        self.done: list[str] = []

    def read(self, names: Collection[str]) -> list[Live]:
        raise NotImplementedError

    def inventory(self) -> Collection[str]:
        raise NotImplementedError

    def owned(self, names: Collection[str]) -> Collection[str]:
        raise NotImplementedError

    def create(self, change: Create) -> None:
        self._write(change.name)

    def update(self, change: Update) -> None:
        self._write(change.name)

    def delete(self, change: Delete) -> None:
        self._write(change.name)

    def traces(self, name: str) -> list[Trace]:
        raise NotImplementedError

    def _write(self, name: str) -> None:
        if name in self.wrong:
            raise self.wrong[name]
        self.done.append(name)


def create(name: str, stage: int = 0) -> Create:
    return Create(Resource(name, {}, {}, stage))


def delete(name: str, stage: int = 0) -> Delete:
    return Delete(Live(name, {}, {}, stage))


def test_what_refers_to_others_comes_after_them_and_goes_before_them() -> None:
    remote = Recorder()
    plan = Plan(
        "alarms",
        (delete("part", 0), create("page", 1), delete("whole", 1), create("age", 0)),
    )
    apply([plan], {"alarms": remote})
    assert remote.done == ["age", "page", "whole", "part"]


def test_a_failure_and_a_bug_stop_no_other() -> None:
    remote = Recorder(b=OpsError("AWS says no"), c=KeyError("Alarms"))
    told = list[Result]()
    results = apply([Plan("alarms", tuple(map(create, "abcd")))], {"alarms": remote}, told.append)
    assert sorted(remote.done) == ["a", "d"]
    assert [result.change.name for result in results] == list("abcd")
    assert {str(each.error) for each in results} == {
        "None",
        "AWS says no.",
        "This is a bug in ops (KeyError: 'Alarms'). Report it.",
    }
    assert len(told) == 4


def test_a_stop_lets_what_is_under_way_end_and_says_what_was_not_tried() -> None:
    """The stop arrives with the result of the first write, while all threads are busy."""
    busy = threading.Barrier(8)
    stopped = threading.Event()

    class Slow(Recorder):
        def create(self, change: Create) -> None:
            busy.wait(timeout=30)
            super().create(change)
            stopped.set()

    remote = Slow()
    first = tuple(create(f"{at:02}") for at in range(8))
    plan = Plan("alarms", (*first, create("page", 1), delete("old")))
    results = apply([plan], {"alarms": remote}, is_stopped=stopped.is_set)
    assert sorted(remote.done) == [change.name for change in first]
    assert [result.change.name for result in results[8:]] == ["page", "old"]
    assert {str(result.error) for result in results[:8]} == {"None"}
    assert all("Skipped: interrupted" in str(result.error) for result in results[8:])


def test_what_shares_a_parent_goes_in_turn_beside_the_rest() -> None:
    """There are several kinds. A failure stops no other write, and results keep the
    plan's order.
    """
    beside = threading.Barrier(2)

    class Child(Recorder):
        def parent(self, name: str) -> str | None:
            return "target" if name < "m" else None

        def create(self, change: Create) -> None:
            if change.name in ("a", "z"):
                beside.wait(timeout=30)
            super().create(change)

    policies, actions = Child(b=OpsError("AWS says no")), Child()
    plans = [
        Plan("scaling", (create("a"), create("z"), create("b"), create("c"))),
        Plan("schedules", (create("d"),)),
    ]
    actions.done = policies.done  # one list, to see the order of both
    results = apply(plans, {"scaling": policies, "schedules": actions})
    assert [name for name in policies.done if name != "z"] == ["a", "c", "d"]
    assert [result.change.name for result in results] == ["a", "z", "b", "c", "d"]
    assert [result.change.name for result in results if result.error] == ["b"]


def test_each_result_is_told_while_others_of_its_parent_wait() -> None:
    """A write begins once the previous one is reported; the stop arrives at the third."""
    told = list[str]()
    news = threading.Condition()

    class Child(Recorder):
        def parent(self, _: str) -> str:
            return "target"

        def create(self, change: Create) -> None:
            with news:
                assert news.wait_for(lambda: told == sorted(self.done), timeout=30)
            super().create(change)

    def tell(result: Result) -> None:
        with news:
            told.append(result.change.name)
            news.notify_all()

    remote = Child()
    plan = Plan("scaling", tuple(map(create, "abcde")))
    results = apply([plan], {"scaling": remote}, tell, lambda: len(remote.done) == 3)
    assert remote.done == ["a", "b", "c"]
    assert told == list("abcde")
    assert [str(result.error)[:10] for result in results] == ["None"] * 3 + ["Skipped: i"] * 2


def test_a_bug_that_ends_a_thread_stops_no_other() -> None:
    remote = Recorder(b=SystemExit(3))
    told = list[Result]()
    results = apply([Plan("scaling", tuple(map(create, "abc")))], {"scaling": remote}, told.append)
    assert remote.done == ["a", "c"]
    assert [str(result.error) for result in results] == [
        "None",
        "This is a bug in ops (SystemExit: 3). Report it.",
        "None",
    ]
    assert len(told) == 3


@pytest.mark.parametrize("count", [0, 1])
def test_few_writes(count: int) -> None:
    remote = Recorder()
    plan = Plan("alarms", tuple(create(str(at)) for at in range(count)))
    assert len(apply([plan], {"alarms": remote})) == count
