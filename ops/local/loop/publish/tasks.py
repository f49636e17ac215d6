"""AWS/ECS: CPU and memory of each service, one sample a running task and minute.

So SampleCount over a minute is the number of running tasks, and with no task there is no point. A
service with 20-second metrics has three samples a task and minute, and has them sooner.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/target-tracking-faster-auto-scaling.html

Processes run in real time at any speed. So CPU is averaged over the control plane's minute, but
over 20 real seconds at least: the start of a process would fill less.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.control.cloudwatch.samples import samples_of
from ops.control.ecs.monitoring import HIGH, STANDARD, resolutions
from ops.local.metrics.store import metric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ops.control.undocumented import Choices
    from ops.local.fargate.tasks.running import RunningTask
    from ops.local.metrics.store import Store

_NAMESPACE = "AWS/ECS"
_PROCESSES = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_MINUTE = 60.0
_SHORTEST_WINDOW = 20.0
"""Real seconds that CPU is averaged over at least."""
_KEPT = 30.0
"""Real seconds for which the memory of a process is kept."""
_SESSION, _TIMES = 5, slice(13, 17)
"""Places in /proc/PID/stat, counted from the first field: the session; user and system time of the
process and of its children that have ended. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
"""


@dataclass(frozen=True)
class Usage:
    """The processor seconds and the bytes of memory that a session uses."""

    seconds: float = 0.0
    memory: int = 0


@dataclass(frozen=True)
class Measurement:
    """The processor and memory use of a running task."""

    task: RunningTask
    cpu: float
    """Percent of its processor."""
    memory: float
    """MiB."""


class TaskMetrics:
    """Publishes the resource use of running tasks.

    :param monitoring: returns the `monitoring` configuration of a service, by cluster and name
    """

    def __init__(
        self,
        tasks: Callable[[], Iterable[RunningTask]],
        monitoring: Callable[[str, str], Mapping[str, Any] | None],
        store: Store,
        choices: Choices,
    ) -> None:
        self._tasks = tasks
        self._monitoring = monitoring
        self._store = store
        self._delays = choices.delays
        self._past: dict[str, deque[tuple[float, float]]] = {}
        self.measurements: tuple[Measurement, ...] = ()
        """Of the minute that was published last."""

    def publish(self, minute: float) -> None:
        """Publish the metrics of the minute that began at `minute` and has just ended."""
        tasks = list(self._tasks())
        window = max(_MINUTE / self._store.clock.speed, _SHORTEST_WINDOW)
        self.measurements = self._measure(tasks, window)
        self._past = {task.id: self._past[task.id] for task in tasks}
        self._put(self.measurements, minute, STANDARD, self._delays.ecs)

    def publish_high(self, start: float) -> None:
        """Publish the 20 seconds that begin at a time, of the services that ask for them."""
        tasks = [
            task
            for task in self._tasks()
            if HIGH in resolutions(self._monitoring(task.cluster, task.service)).values()
        ]
        delay = self._delays.ecs_high_resolution
        self._put(self._measure(tasks, float(HIGH)), start, HIGH, delay)

    def _put(
        self, measurements: Iterable[Measurement], start: float, seconds: int, delay: float
    ) -> None:
        """Put the metrics that have this resolution."""
        samples: dict[tuple[str, str], list[Measurement]] = defaultdict(list)
        for measurement in measurements:
            place = (measurement.task.cluster, measurement.task.service)
            samples[place].append(measurement)
        for (cluster, service), own in samples.items():
            values = {
                "CPUUtilization": [one.cpu for one in own],
                "MemoryUtilization": [_share(one.memory, one.task.memory) for one in own],
            }
            resolution = resolutions(self._monitoring(cluster, service))
            for name in (name for name in values if resolution[name] == seconds):
                what = metric(_NAMESPACE, name, {"ClusterName": cluster, "ServiceName": service})
                visible = start + seconds + delay
                self._store.put(
                    what, start, samples_of(values[name]), visible=visible, unit="Percent"
                )

    def _measure(self, tasks: list[RunningTask], window: float) -> tuple[Measurement, ...]:
        usage = usage_of({session for task in tasks for session in task.sessions})
        measurements = []
        for task in tasks:
            parts = [usage.get(session, Usage()) for session in task.sessions]
            cpu = self._cpu(task, sum(part.seconds for part in parts), window)
            memory = sum(part.memory for part in parts) / 2**20
            measurements.append(Measurement(task, cpu, memory))
        return tuple(measurements)

    def _cpu(self, task: RunningTask, seconds: float, window: float) -> float:
        """Return the percentage of its processor that a task used in the last real seconds.

        Fargate limits a task to its CPU; here the processes of a busy one may use more.
        """
        now = time.monotonic()
        past = self._past.setdefault(task.id, deque())
        past.append((now, seconds))
        while len(past) > 2 and past[1][0] <= now - _MINUTE:
            past.popleft()
        before = [used for moment, used in past if moment <= now - window]
        if not before and len(past) > 1:
            before = [past[0][1]]
        used = max(0.0, seconds - (before[-1] if before else 0.0))
        return min(100.0, _share(used / window, task.cpu / 1024))


def _share(used: float, size: float) -> float:
    """Return a percentage."""
    return 100 * used / size if size else 0.0


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
    """Return the bytes of a process, including its share of shared memory."""
    for line in (directory / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
