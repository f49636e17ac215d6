"""Log lines in the embedded metric format, and what becomes of them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

Processes run in real time, and what one writes once a minute must not look as if it came every
thirty minutes at a speed of 30: a minute of the control plane has the samples of the last real
minute.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any

from moto.logs.models import LogsBackend

from ops.control.cloudwatch.samples import samples_of
from ops.local.metrics.store import metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ops.control.undocumented import Choices
    from ops.local.metrics.store import Metric, Store

_WINDOW = 60.0
_MARK = '"_aws"'

Sample = tuple["Metric", str, tuple[float, ...]]
"""A metric, its unit and its values."""

_written: deque[tuple[float, Sample]] = deque()
_writing = threading.Lock()


class LineMetrics:
    """Publishes the metrics that applications write into their logs."""

    def __init__(self, store: Store, choices: Choices) -> None:
        read_lines()
        self._store = store
        self._choices = choices

    def publish(self, minute: float) -> None:
        """Publish the minute that begins at a time and has just ended."""
        values: dict[Metric, list[float]] = defaultdict(list)
        units: dict[Metric, str] = {}
        for what, unit, samples in _recent(time.monotonic()):
            values[what].extend(samples)
            units[what] = unit
        visible = minute + 60 + self._choices.delays.log_lines
        for what, found in values.items():
            unit = units[what]
            self._store.put(what, minute, samples_of(found), visible=visible, unit=unit)


def _recent(now: float) -> list[Sample]:
    """Return what was written in the last real minute, and forget what is older."""
    with _writing:
        while _written and _written[0][0] <= now - _WINDOW:
            _written.popleft()
        return [sample for _, sample in _written]


def metrics_in(line: str) -> Iterator[Sample]:
    """Yield the samples of a log line; none of a line that has no `_aws`."""
    if _MARK not in line:
        return
    try:
        entry = json.loads(line)
        directives: Iterable[Mapping[str, Any]] = entry["_aws"]["CloudWatchMetrics"]
        for directive in directives:
            for names in directive.get("Dimensions") or [[]]:
                dimensions = {name: str(entry[name]) for name in names}
                for each in directive["Metrics"]:
                    value = entry[each["Name"]]
                    values = value if isinstance(value, list) else [value]
                    what = metric(directive["Namespace"], each["Name"], dimensions)
                    yield what, each.get("Unit", "None"), tuple(float(v) for v in values)
    except (ValueError, KeyError, TypeError):
        return  # CloudWatch ignores a line that does not follow its specification


def read_lines() -> None:
    """Take note of the metrics in every log line. A second call has no effect."""
    backend: Any = LogsBackend
    original = backend.put_log_events
    if hasattr(original, "reads_metrics"):
        return

    def put_log_events(
        self: Any, log_group_name: str, log_stream_name: str, log_events: list[dict[str, Any]]
    ) -> Any:
        answer = original(self, log_group_name, log_stream_name, log_events)
        now = time.monotonic()
        found = [sample for event in log_events for sample in metrics_in(event["message"])]
        with _writing:
            _written.extend((now, sample) for sample in found)
        return answer

    put_log_events.reads_metrics = True  # type: ignore[attr-defined]
    backend.put_log_events = put_log_events
