"""The steps of a rolling update."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.control.ecs.phase import Phase
from ops.control.ecs.providers import Share
from ops.control.ecs.rollout import Decision, Limits, TaskView, backoff, decide


def tasks(deployment: str, *phases: Phase) -> list[TaskView]:
    return [TaskView(f"{deployment}{n}", deployment, phase) for n, phase in enumerate(phases)]


def test_a_new_service_starts_all_its_tasks() -> None:
    assert decide(3, "new", [], Limits()) == Decision(start=3)


def test_a_rolling_update_starts_new_tasks_beside_the_old_ones() -> None:
    old = tasks("old", Phase.HEALTHY, Phase.HEALTHY)
    assert decide(2, "new", old, Limits(100, 200)) == Decision(start=2)


def test_each_new_healthy_task_replaces_an_old_one() -> None:
    old = tasks("old", Phase.HEALTHY, Phase.HEALTHY)
    new = tasks("new", Phase.HEALTHY, Phase.STARTING)
    assert decide(2, "new", old + new, Limits(100, 200)) == Decision(stop=("old0",))


def test_recreate_stops_first_and_waits_for_the_process_to_end() -> None:
    limits = Limits(0, 100)
    assert decide(1, "new", tasks("old", Phase.HEALTHY), limits) == Decision(stop=("old0",))
    assert decide(1, "new", tasks("old", Phase.STOPPING), limits) == Decision()
    assert decide(1, "new", [], limits) == Decision(start=1)


def test_a_lower_count_stops_the_least_proven_tasks_first() -> None:
    running = tasks("new", Phase.HEALTHY, Phase.STARTING, Phase.HEALTHY)
    assert decide(2, "new", running, Limits()) == Decision(stop=("new1",))


def test_half_healthy_stops_only_what_is_in_the_way() -> None:
    old = tasks("old", *[Phase.HEALTHY] * 4)
    assert decide(4, "new", old, Limits(50, 100)) == Decision(stop=("old0", "old1"))


@dataclass
class Simulation:
    """Tasks that become healthy or stop as the test's data says."""

    desired: int
    limits: Limits
    tasks: dict[str, TaskView] = field(default_factory=dict)
    made: int = 0

    def step(self, primary: str) -> Decision:
        decision = decide(self.desired, primary, list(self.tasks.values()), self.limits)
        healthy = self.count(Phase.HEALTHY)
        lost = [t for t in decision.stop if self.tasks[t].phase is Phase.HEALTHY]
        if lost:
            assert healthy - len(lost) >= self.limits.lowest(self.desired)
        if decision.start:
            total = len(self.tasks) + decision.start
            assert total <= self.limits.highest(self.desired)
        for task in decision.stop:
            self.turn(task, Phase.STOPPING)
        for _ in range(decision.start):
            self.made += 1
            view = TaskView(f"t{self.made}", primary, Phase.STARTING)
            self.tasks[view.id] = view
        return decision

    def turn(self, task: str, phase: Phase) -> None:
        self.tasks[task] = TaskView(task, self.tasks[task].deployment, phase)

    def progress(self, task: str) -> None:
        """Return the tasks a moment later: starting ones are healthy, stopping ones are gone."""
        if self.tasks[task].phase is Phase.STARTING:
            self.turn(task, Phase.HEALTHY)
        elif self.tasks[task].phase is Phase.STOPPING:
            del self.tasks[task]

    def count(self, phase: Phase) -> int:
        return sum(task.phase is phase for task in self.tasks.values())

    def settle(self, primary: str) -> None:
        """Step until there is no change."""
        for _ in range(200):
            before = dict(self.tasks)
            self.step(primary)
            for task in list(self.tasks):
                self.progress(task)
            if self.tasks == before:
                return
        pytest.fail("does not come to rest")


@given(
    desired=st.integers(0, 12),
    lowest=st.integers(0, 100),
    highest=st.integers(100, 200),
    data=st.data(),
)
def test_a_roll_keeps_its_limits_and_ends(
    desired: int, lowest: int, highest: int, data: st.DataObject
) -> None:
    """Whatever the order, our stops never go below the minimum of healthy tasks, and our starts
    never above the maximum.

    The deployment ends if the limits allow at least one change, as ECS demands.
    """
    simulation = Simulation(desired, Limits(lowest, highest))
    simulation.settle("one")
    for _ in range(data.draw(st.integers(0, 30), label="steps")):
        simulation.step("two")
        if simulation.tasks:
            task = data.draw(st.sampled_from(sorted(simulation.tasks)), label="task")
            if data.draw(st.booleans(), label="dies"):
                del simulation.tasks[task]
            else:
                simulation.progress(task)
    limits = simulation.limits
    if limits.highest(desired) > limits.lowest(desired) or desired == 0:
        simulation.settle("two")
        assert {t.deployment for t in simulation.tasks.values()} <= {"two"}
        assert simulation.count(Phase.HEALTHY) == len(simulation.tasks) == desired


@given(before=st.integers(0, 10), after=st.integers(0, 10))
def test_a_changed_count_is_reached(before: int, after: int) -> None:
    simulation = Simulation(before, Limits())
    simulation.settle("one")
    simulation.desired = after
    simulation.settle("one")
    assert simulation.count(Phase.HEALTHY) == len(simulation.tasks) == after


def test_the_first_replacement_is_immediate_and_later_ones_wait_longer() -> None:
    assert [backoff(n) for n in range(5)] == [0, 0, 1, 2, 4]
    assert backoff(100) == 30


def test_a_lower_count_keeps_the_proportion_of_the_providers() -> None:
    strategy = [Share("FARGATE", base=2, weight=1), Share("FARGATE_SPOT", weight=3)]
    running = [
        TaskView(f"{provider}{n}", "new", Phase.HEALTHY, provider)
        for provider, number in (("FARGATE", 4), ("FARGATE_SPOT", 6))
        for n in range(number)
    ]
    stopped = decide(6, "new", running, Limits(), strategy).stop
    assert [task.rstrip("0123456789") for task in stopped].count("FARGATE_SPOT") == 3
    assert len(stopped) == 4
