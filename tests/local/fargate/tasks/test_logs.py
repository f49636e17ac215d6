"""The output of containers, as `copilot svc logs` reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.waiting import WAIT, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.local.fargate import Fargate
    from tests.local.fargate.world import World

PRINTS = """
import sys
print("first", flush=True)
print("to stderr", file=sys.stderr, flush=True)
print("x" * 200_000)
for number in range(3000):
    print("line", number)
print("last, without an end", end="", flush=True)
"""


def test_lines_are_whole_complete_and_in_order(
    world: World, fargate: Callable[[], Fargate]
) -> None:
    """All output of a task arrives before its end is reported, stderr included."""
    world.serve(world.define("python", "-S", "-c", PRINTS, family="printer"))
    fargate()
    stopped = until("the task ends", world.stopped)[0]
    identifier = stopped["taskArn"].rsplit("/", 1)[-1]
    lines = world.lines()[f"copilot/printer/{identifier}"]
    assert lines == [
        "first",
        "to stderr",
        "x" * 200_000,
        *(f"line {number}" for number in range(3000)),
        "last, without an end",
    ]


def test_last_words_after_sigterm_arrive(world: World, fargate: Callable[[], Fargate]) -> None:
    world.serve(world.define_worker("polite"))
    running = fargate()
    running.wait_until_steady(WAIT)
    running.stop()
    ((_, lines),) = world.lines().items()
    at = lines.index("warm shutdown")
    assert lines[at + 1 :] == [f"last words {number}" for number in range(500)]


def test_streams_tell_when_they_last_spoke(world: World, fargate: Callable[[], Fargate]) -> None:
    world.serve(world.define_worker("wait"), desired=2)
    fargate().wait_until_steady(WAIT)
    until("both have spoken", lambda: [*map(len, world.lines().values())] == [2, 2])
    streams = world.logs.describe_log_streams(
        logGroupName=world.logs_group, orderBy="LastEventTime", descending=True
    )["logStreams"]
    started = min(task["createdAt"].timestamp() * 1000 for task in world.tasks())
    times = [stream["lastEventTimestamp"] for stream in streams]
    assert times == sorted(times, reverse=True)
    assert all(time >= started - 1 for time in times)
