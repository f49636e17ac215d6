"""The loop itself: a tick for every ten seconds of the control plane, in a thread of its own."""

from __future__ import annotations

import json
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends
from moto.sqs.models import sqs_backends

from ops.control.ecs.monitoring import HIGH
from ops.control.undocumented import DEFAULT, Choices
from ops.local.gaps.cloudwatch.alarm_history import record
from ops.local.gaps.cloudwatch.metric_data import store_of
from ops.local.locks import lock_of
from ops.local.loop.alarms import Alarms
from ops.local.loop.publish.insights import InsightMetrics
from ops.local.loop.publish.lines import LineMetrics
from ops.local.loop.publish.queues import QueueMetrics
from ops.local.loop.publish.targets import TargetMetrics
from ops.local.loop.publish.tasks import TaskMetrics
from ops.local.loop.scaling import Scaling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from moto.ecs.models import EC2ContainerServiceBackend

    from ops.local.fargate.balancers.requests import Requests
    from ops.local.fargate.tasks.running import RunningTask
    from ops.local.loop.alarms import Firing
    from ops.local.plane import ControlPlane

TICK = 10
"""Seconds of the control plane: the shortest time between two evaluations of an alarm."""
SLACK = 60
"""Seconds of the control plane that ticks may be late. Later, the clock is set back: measurements
of one moment must not stand for many minutes."""

_MINUTE = 60
_PATIENCE = 1.0
"""Seconds that a tick may take to end; the thread dies with the process."""


class Publisher(Protocol):
    """A source of metrics."""

    def publish(self, minute: float) -> None:
        """Publish the metrics of a minute that has just ended; `minute` is its beginning."""


class ControlLoop:
    """Metrics, alarms and scaling of a region, from `start` to `stop`.

    :param plane: what it shares with the tasks
    :param tasks: returns the running tasks
    :param requests: the requests that load balancers answer
    """

    def __init__(
        self,
        plane: ControlPlane,
        tasks: Callable[[], Iterable[RunningTask]],
        requests: Requests,
        choices: Choices = DEFAULT,
    ) -> None:
        region, clock = plane.region, plane.clock
        self.clock = clock
        self.journal = plane.journal
        self._directory = plane.directory
        self._region = region
        self._report = plane.report
        self._told: set[str] = set()
        self._cloudwatch = cloudwatch_backends[DEFAULT_ACCOUNT_ID][region]
        self._scaling_backend = applicationautoscaling_backends[DEFAULT_ACCOUNT_ID][region]
        store = store_of(self._cloudwatch)
        store.clock = clock
        self._next = (int(clock.now()) // TICK + 1) * TICK
        self._notifications = plane.notifications
        self._schedules = plane.schedules
        ecs = ecs_backends[DEFAULT_ACCOUNT_ID][region]
        self._tasks = TaskMetrics(tasks, partial(_monitoring, ecs), store, choices)
        self._publishers: tuple[Publisher, ...] = (
            QueueMetrics(sqs_backends[DEFAULT_ACCOUNT_ID][region], store, choices),
            self._tasks,
            TargetMetrics(elbv2_backends[DEFAULT_ACCOUNT_ID][region], requests, store, choices),
            LineMetrics(store, choices),
            InsightMetrics(ecs, lambda: self._tasks.measurements, store, choices),
        )
        began = clock.now() // _MINUTE * _MINUTE  # the first minute that is published
        self._alarms = Alarms(self._cloudwatch, began, choices, self.journal, self._tell)
        self._scaling = Scaling(
            self._scaling_backend, self._alarms.state, choices, self.journal, self._tell
        )
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to tick."""
        self._thread = threading.Thread(target=self._run, name="control-loop", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the current tick. Do nothing if the loop does not run."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE)

    def tick(self, now: float) -> None:
        """Do what is due at a time, a multiple of ten seconds. Ticks come in order."""
        if int(now) % HIGH == 0:
            self._guarded(self._tasks.publish_high, now - HIGH)
        if int(now) % _MINUTE == 0:
            for publisher in self._publishers:
                self._guarded(publisher.publish, now - _MINUTE)
        with lock_of(CloudWatchBackend):
            firings = self._alarms.tick(now)
        for firing in firings:
            self._notify(firing, now)
        self._scaling.invoke(firings, now)
        self._scaling.run_schedule(now)
        self._schedules.run(now)

    def _run(self) -> None:
        self._write_clock()
        while not self._ending.wait(self.clock.real_seconds(self._next)):
            late = self.clock.now() - self._next
            if late > SLACK:
                self.clock.slip(late)
                self._write_clock()
            self._guarded(self.tick, float(self._next))
            self._next += TICK

    def _write_clock(self) -> None:
        if self._directory is not None:
            self.clock.write(self._directory)

    def _guarded(self, step: Callable[[float], None], time: float) -> None:
        """Run a step. An exception in one step does not stop the others."""
        try:
            step(time)
        except Exception as error:  # noqa: BLE001 - reported, once
            self._tell(f"The control loop failed: {error!r}")

    def _notify(self, firing: Firing, now: float) -> None:
        alarm = firing.alarm
        for topic in (action for action in firing.actions if ":sns:" in action):
            subject = f'{alarm.state_value}: "{alarm.name}" in {self._region}'
            number = self._notifications.publish(topic, subject[:100], self._message(firing))
            summary = f"Successfully executed action {topic}"
            record(self._cloudwatch, alarm, "Action", summary, json.dumps({"topic": topic}))
            inputs = {"state": alarm.state_value, "subscribers": number}
            self.journal.add(now, "notification", alarm.name, f"to {topic}", **inputs)

    def _message(self, firing: Firing) -> dict[str, Any]:
        """Return the message of a change of state, in CloudWatch's form."""
        alarm = firing.alarm
        return {
            "AlarmName": alarm.name,
            "AlarmDescription": alarm.description,
            "AWSAccountId": DEFAULT_ACCOUNT_ID,
            "AlarmArn": alarm.alarm_arn,
            "NewStateValue": alarm.state_value,
            "OldStateValue": firing.before.value,
            "NewStateReason": alarm.state_reason,
            "StateChangeTime": alarm.state_updated_timestamp.isoformat(timespec="milliseconds"),
            "Region": self._region,
            "Trigger": {"MetricName": alarm.metric_name, "Namespace": alarm.namespace},
        }

    def _tell(self, fault: str) -> None:
        if fault not in self._told:
            self._told.add(fault)
            self._report(fault)


def _monitoring(
    backend: EC2ContainerServiceBackend, cluster: str, service: str
) -> dict[str, Any] | None:
    """Return the `monitoring` configuration of a service."""
    monitoring: dict[str, Any] | None = getattr(
        backend.services.get(f"{cluster}:{service}"), "monitoring", None
    )
    return monitoring
