"""AWS/ECS: CPU and memory of each service, one sample a running task and minute.

So SampleCount over a minute is the number of running tasks, and with no task there is no point.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html

Processes run in real time, so at any speed their CPU is measured over the last real minute.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ops.control.cloudwatch.samples import samples_of
from ops.local.metrics.store import metric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ops.control.undocumented import Choices
    from ops.local.fargate.tasks.running import RunningTask
    from ops.local.metrics.store import Store

_NAMESPACE = "AWS/ECS"
_PROCESSES = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_WINDOW = 60.0
"""Real seconds that CPU is averaged over."""
_KEPT = 30.0
"""Real seconds for which the memory of a process is kept."""
_SESSION, _TIMES = 5, slice(13, 17)
"""Places in /proc/PID/stat, counted from the first field: the session; user and system time of the
process and of its children that have ended. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
"""


@dataclass(frozen=True)
class Usage:
    """The processor seconds that a session has used, and the bytes of memory that it uses."""

    seconds: float = 0.0
    memory: int = 0


class TaskMetrics:
    """Publishes what running tasks use."""

    def __init__(
        self, tasks: Callable[[], Iterable[RunningTask]], store: Store, choices: Choices
    ) -> None:
        self._tasks = tasks
        self._store = store
        self._choices = choices
        self._past: dict[str, deque[tuple[float, float]]] = {}

    def publish(self, minute: float) -> None:
        """Publish the minute that begins at a time and has just ended."""
        tasks = list(self._tasks())
        usage = usage_of({session for task in tasks for session in task.sessions})
        cpu: dict[tuple[str, str], list[float]] = defaultdict(list)
        memory: dict[tuple[str, str], list[float]] = defaultdict(list)
        for task in tasks:
            parts = [usage.get(session, Usage()) for session in task.sessions]
            place = (task.cluster, task.service)
            cpu[place].append(self._cpu(task, sum(part.seconds for part in parts)))
            used = sum(part.memory for part in parts) / 2**20
            memory[place].append(100 * used / task.memory if task.memory else 0.0)
        self._past = {task.id: self._past[task.id] for task in tasks}
        visible = minute + 60 + self._choices.delays.ecs
        for name, values in (("CPUUtilization", cpu), ("MemoryUtilization", memory)):
            for (cluster, service), samples in values.items():
                dimensions = {"ClusterName": cluster, "ServiceName": service}
                what = metric(_NAMESPACE, name, dimensions)
                self._store.put(what, minute, samples_of(samples), visible=visible, unit="Percent")

    def _cpu(self, task: RunningTask, seconds: float) -> float:
        """Return the share of its processor that a task has used in the last real minute.

        Fargate limits a task to its CPU; here the processes of a busy one may use more.
        """
        now = time.monotonic()
        past = self._past.setdefault(task.id, deque())
        past.append((now, seconds))
        while len(past) > 2 and past[1][0] <= now - _WINDOW:
            past.popleft()
        used = max(0.0, seconds - (past[0][1] if len(past) > 1 else 0.0))
        share = used / _WINDOW / (task.cpu / 1024) if task.cpu else 0.0
        return min(100.0, 100 * share)


def usage_of(sessions: set[int]) -> dict[int, Usage]:
    """Return what the processes of some sessions use. Elsewhere than on Linux, nothing."""
    usages: dict[int, Usage] = {}
    if not sessions:
        return usages
    _memories.forget()
    for directory in _PROCESSES.glob("[0-9]*"):
        try:
            fields = (directory / "stat").read_text().rpartition(")")[2].split()
            session = int(fields[_SESSION - 2])
            if session not in sessions:
                continue
            ticks = sum(int(part) for part in fields[_TIMES.start - 2 : _TIMES.stop - 2])
            memory = _memories.of(directory)
        except (OSError, ValueError, IndexError):
            continue  # it has just ended
        former = usages.get(session, Usage())
        usages[session] = Usage(former.seconds + ticks / _TICKS, former.memory + memory)
    return usages


class _Memories:
    """A cache of the memory of processes: reading one takes milliseconds."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[float, int]] = {}

    def of(self, directory: Path) -> int:
        """Return the bytes of a process."""
        if directory not in self._known:
            self._known[directory] = (time.monotonic(), _memory(directory))
        return self._known[directory][1]

    def forget(self) -> None:
        """Forget what was read too long ago."""
        oldest = time.monotonic() - _KEPT
        self._known = {key: entry for key, entry in self._known.items() if entry[0] > oldest}


_memories = _Memories()


def _memory(directory: Path) -> int:
    """Return the bytes of a process, with its part of what it shares with others."""
    for line in (directory / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
