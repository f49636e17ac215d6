"""The steps of a release, with workloads that do what a test says."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from ops.release.aws.journal import Current, LostError
from ops.release.decisions.record import Progress, Record, State
from ops.release.decisions.verdict import Ended, Seen, Service, Task
from ops.release.steps.conductor import Choice, Conductor, LeftError, Settings, Tools
from tests.ops.release.records import V1, V2, at, record

IMAGES = {"v1": V1, "v2": V2}


def running(tag: str) -> Seen:
    task = Task(IMAGES[tag].digest, f"web:{tag}", "HEALTHY")
    return Seen("UPDATE_COMPLETE", tag, Service(1, ((f"web:{tag}", "COMPLETED"),), "", (task,)))


@dataclass
class World:
    """AWS, Copilot and the user. A workload in `never` never changes; one in `bad` fails in v2."""

    bad: set[str] = field(default_factory=set)
    never: set[str] = field(default_factory=set)
    tags: dict[str, str] = field(default_factory=dict)
    did: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    saved: list[Record] = field(default_factory=list)
    answers: Iterator[Choice | None] = field(default_factory=lambda: iter(()))
    firing_now: set[str] = field(default_factory=set)
    sync_problem: str = ""
    stuck: dict[str, Seen] = field(default_factory=dict)
    stays_stuck: bool = False
    smoke_problem: str = ""

    # Of Live
    def look(self, workload: str) -> Seen:
        return self.stuck.get(workload) or running(self.tags.get(workload, "v1"))

    def continue_rollback(self, workload: str) -> None:
        self.did.append(f"continue {workload}")
        if not self.stays_stuck:
            del self.stuck[workload]

    def cancel(self, workload: str) -> bool:
        self.did.append(f"cancel {workload}")
        self.never.discard(workload)
        return True

    def arn(self, workload: str) -> str:
        return workload

    # Of Reasons
    def of(self, workload: Any, *_: object) -> Any:  # noqa: ANN401  # of Alarms, too
        return [f"the last line of {workload}"] if isinstance(workload, str) else {"slow"}

    def firing(self, names: set[str]) -> set[str]:
        return names & self.firing_now

    # Of Deployer, and its deployments
    def start(self, workload: str, type_: str, tag: str) -> "Deploying":
        assert type_ == "Backend Service"
        self.did.append(f"{workload} {tag}")
        return Deploying(self, workload, tag)

    # Of Journal
    def save(self, record: Record) -> None:
        self.saved.append(record)

    def conductor(self, began: Record, **settings: Any) -> Conductor:  # noqa: ANN401
        me = cast("Any", self)
        current = Current(began, me)
        smoke: Callable[[], str] = lambda: self.smoke_problem  # noqa: E731
        tools = Tools(
            me, me, me, me, lambda: self.sync_problem, smoke, self.told.append,
            lambda: next(self.answers, None),
        )  # fmt: skip
        types = {part.workload: "Backend Service" for part in began.parts}
        settings = {"deadline": 60, "bake": 0, **settings}
        return Conductor(current, types, IMAGES, Settings(**settings), tools)


@dataclass
class Deploying:
    world: World
    workload: str
    tag: str

    def ended(self) -> Ended | None:
        if self.workload in self.world.never:
            return None
        if self.workload in self.world.bad and self.tag == "v2":
            return Ended(1, "it broke")
        self.world.tags[self.workload] = self.tag
        return Ended(0)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def progress(record: Record) -> Mapping[str, Progress]:
    return {part.workload: part.progress for part in record.parts}


def test_waves_follow_each_other_and_every_step_is_recorded() -> None:
    world = World()
    ended = world.conductor(record(("api",), ("worker", "beat"))).run()
    assert (ended.state, ended.reason) == (State.RELEASED, "")
    assert world.did == ["api v2", "worker v2", "beat v2"]
    steps = [each.step for each in world.saved if each.step]
    assert list(dict.fromkeys(steps)) == [
        "deploying api", "deploying worker, beat", "sync", "smoke command",
    ]  # fmt: skip
    assert set(progress(ended).values()) == {Progress.RELEASED}


def test_a_failure_stops_at_once_and_all_goes_back_in_reverse() -> None:
    world = World(bad={"beat"}, never={"worker"})
    ended = world.conductor(record(("api",), ("worker", "beat"), ("late",))).run()
    assert ended.state is State.WENT_BACK
    assert world.did == [
        "api v2", "worker v2", "beat v2", "cancel worker", "cancel beat", "worker v1", "api v1",
    ]  # fmt: skip
    assert ended.reason == "beat: it broke\n  the last line of beat"
    assert progress(ended)["late"] is Progress.WAITING


def test_a_failure_may_be_left_as_it_is() -> None:
    world = World(bad={"worker"})
    ended = world.conductor(record(("api",), ("worker",)), rolls_back=False).run()
    assert (ended.state, world.tags) == (State.FAILED, {"api": "v2"})


def test_a_way_back_that_fails_says_both_reasons() -> None:
    world = World(smoke_problem="it smokes", tags={"api": "v1"})
    began = record(("api",))

    def start(workload: str, type_: str, tag: str) -> Deploying:
        world.bad = {"api"} if tag == "v1" else set()
        return Deploying(world, workload, "v2")

    world.start = start  # type: ignore[method-assign]
    ended = world.conductor(began).run()
    assert ended.state is State.FAILED
    assert ended.reason == "it smokes"
    assert world.saved[-2].state is State.GOING_BACK


def test_a_workload_that_is_not_there_in_time_is_cancelled() -> None:
    world = World(never={"api"})
    ended = world.conductor(record(("api",)), deadline=-1).run()
    assert "it did not run v2 within" in ended.reason
    assert world.did[:2] == ["api v2", "cancel api"]


@pytest.mark.parametrize("answer", ["back", "leave"])
def test_ctrl_c_goes_back_or_leaves(answer: Choice) -> None:
    world = World(never={"api"}, answers=iter(["wait", answer]))
    made = world.conductor(record(("api",)))
    if answer == "leave":
        with pytest.raises(LeftError):
            made.run()
        made.leave()
        assert world.saved[-1].is_left
        assert world.saved[-1].is_open
        assert "cancel api" not in world.did
    else:
        assert made.run().state is State.WENT_BACK
        assert world.did[:2] == ["api v2", "cancel api"]


def test_who_was_taken_over_stops_in_the_middle_of_a_step() -> None:
    world = World(never={"api"})
    made = world.conductor(record(("api",)))

    def answer() -> Choice:
        made.current.lost = LostError("Release 7 was taken over by bob on there")
        return "wait"

    world.answers = iter(answer, None)
    with pytest.raises(LostError, match="taken over by bob"):
        made.run()
    assert world.did == ["api v2"]
    assert {each.is_open for each in world.saved} == {True}


def test_an_alarm_that_begins_goes_back_and_an_old_one_does_not() -> None:
    old = World(firing_now={"slow"})
    assert old.conductor(record(("api",)), bake=0.01).run().state is State.RELEASED
    new = World()

    def firing(names: set[str]) -> set[str]:
        return names if new.tags.get("api") == "v2" else set()

    new.firing = firing  # type: ignore[method-assign]
    ended = new.conductor(record(("api",)), bake=0.01).run()
    assert (ended.state, ended.reason) == (
        State.WENT_BACK, "in ALARM since the release: slow",
    )  # fmt: skip


def test_a_failed_sync_is_told_and_does_not_go_back() -> None:
    ended = World(sync_problem="A conflict.").conductor(record(("api",))).run()
    assert (ended.state, ended.reason) == (
        State.RELEASED, "`ops sync` failed, run it again: A conflict.",
    )  # fmt: skip


def test_a_successor_deploys_only_what_is_not_there() -> None:
    world = World(tags={"api": "v2", "worker": "v2"})
    began = at(
        record(("api",), ("worker",), ("beat",)),
        api=Progress.RELEASED,
        worker=Progress.DEPLOYING,
    )
    assert world.conductor(began).run().state is State.RELEASED
    assert world.did == ["beat v2"]


@pytest.mark.parametrize("stays", [False, True])
def test_a_rollback_that_failed_is_continued_once_before_anything_is_deployed(stays: bool) -> None:
    world = World(stuck={"api": Seen("UPDATE_ROLLBACK_FAILED", "v1")}, stays_stuck=stays)
    ended = world.conductor(record(("api",)), rolls_back=False).run()
    if stays:
        assert (ended.state, world.did) == (State.FAILED, ["continue api"])
        assert "without the resources that fail" in ended.reason
    else:
        assert (ended.state, world.did) == (State.RELEASED, ["continue api", "api v2"])


def test_a_command_that_gives_up_is_not_the_end_of_its_stack() -> None:
    world = World(bad={"api"})
    looks = iter([running("v1"), *[Seen("UPDATE_IN_PROGRESS", "v1")] * 3, running("v2")])

    def look(workload: str) -> Seen:
        assert workload == "api"
        return next(looks, running("v2"))

    world.look = look  # type: ignore[method-assign]
    ended = world.conductor(record(("api",))).run()
    assert (ended.state, ended.reason) == (State.RELEASED, "")
    assert "  api: waiting for the stack: the command that deploys it stopped waiting" in world.told


def test_a_successor_finishes_the_way_back() -> None:
    world = World(tags={"api": "v2", "worker": "v1"})
    began = at(record(("api",), ("worker",)), api=Progress.RELEASED, worker=Progress.DEPLOYING)
    ended = world.conductor(began.failing("it broke")).run()
    assert (ended.state, ended.reason, world.did) == (State.WENT_BACK, "it broke", ["api v1"])


def test_a_step_ends_with_the_command_and_not_with_the_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(never={"api"})
    waited = [0.0]

    def sleep(seconds: float) -> None:
        waited[0] += seconds
        if waited[0] > 10:
            world.never.clear()

    monkeypatch.setattr("time.sleep", sleep)
    ended = world.conductor(record(("api",))).run()
    assert ended.state is State.RELEASED
    assert 10 < waited[0] < 10.5
