"""Metrics of log lines: the embedded metric format, and metric filters.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html

The default value of a metric filter is reported in minutes in which lines come and none matches.

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
from ops.control.log_patterns import PatternError, field, log_pattern
from ops.local.metrics.store import metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ops.control.undocumented import Choices
    from ops.local.metrics.store import Metric, Store

_WINDOW = 60.0
_MARK = '"_aws"'

Sample = tuple["Metric", str, tuple[float, ...]]
"""A metric, its unit and its values."""

_written: deque[tuple[float, Sample, float | None]] = deque()
"""When a line came, its sample, and the value where no line of the minute has one."""
_writing = threading.Lock()


class LineMetrics:
    """Publishes the metrics in log lines of applications."""

    def __init__(self, store: Store, choices: Choices) -> None:
        read_lines()
        self._store = store
        self._choices = choices

    def publish(self, minute: float) -> None:
        """Publish the metrics of the minute that began at `minute` and has just ended."""
        values: dict[Metric, list[float]] = defaultdict(list)
        units: dict[Metric, str] = {}
        defaults: dict[Metric, float] = {}
        for (what, unit, samples), default in _recent(time.monotonic()):
            values[what].extend(samples)
            units[what] = unit
            if default is not None:
                defaults[what] = default
        visible = minute + 60 + self._choices.delays.log_lines
        for what, metric_samples in values.items():
            reported = metric_samples or ([defaults[what]] if what in defaults else [])
            if reported:
                unit = units[what]
                self._store.put(what, minute, samples_of(reported), visible=visible, unit=unit)


def _recent(now: float) -> list[tuple[Sample, float | None]]:
    """Return the samples of the last real minute, and forget older ones."""
    with _writing:
        while _written and _written[0][0] <= now - _WINDOW:
            _written.popleft()
        return [(sample, default) for _, sample, default in _written]


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
                for definition in directive["Metrics"]:
                    value = entry[definition["Name"]]
                    values = value if isinstance(value, list) else [value]
                    what = metric(directive["Namespace"], definition["Name"], dimensions)
                    yield what, definition.get("Unit", "None"), tuple(float(v) for v in values)
    except (ValueError, KeyError, TypeError):
        return  # CloudWatch ignores a line that does not follow its specification


def filtered(
    line: str, filters: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[Sample, float | None]]:
    """Yield the sample and the default value of each metric filter; of no match, without values."""
    for metric_filter in filters:
        try:
            matches, fields = log_pattern(metric_filter.get("filterPattern") or "").match(line)
        except PatternError:
            continue  # CloudWatch would have refused to put it
        for change in metric_filter["metricTransformations"]:
            sample = _transformed(change, fields) if matches else _nothing(change)
            if sample is not None:
                default = change.get("defaultValue")
                yield sample, None if default is None else float(default)


def _transformed(change: Mapping[str, Any], fields: Any) -> Sample | None:
    """Return the sample of a matching line; None if a required field is missing."""
    selectors: Mapping[str, str] = change.get("dimensions") or {}
    dimensions = {name: field(fields, selector) for name, selector in selectors.items()}
    given = str(change["metricValue"])
    value = field(fields, given) if given.startswith("$") else given
    try:
        values = (float(value),)
    except (TypeError, ValueError):
        return None
    if None in dimensions.values():
        return None
    texts = {name: str(text) for name, text in dimensions.items()}
    what = metric(change["metricNamespace"], change["metricName"], texts)
    return what, change.get("unit") or "None", values


def _nothing(change: Mapping[str, Any]) -> Sample | None:
    """Return the default sample for a minute without a matching line; none with dimensions."""
    if change.get("dimensions"):
        return None
    what = metric(change["metricNamespace"], change["metricName"], {})
    return what, change.get("unit") or "None", ()


def read_lines() -> None:
    """Read the metrics in every log line. A second call has no effect."""
    backend: Any = LogsBackend
    original = backend.put_log_events
    if hasattr(original, "reads_metrics"):
        return

    def put_log_events(
        self: Any, log_group_name: str, log_stream_name: str, log_events: list[dict[str, Any]]
    ) -> Any:
        answer = original(self, log_group_name, log_stream_name, log_events)
        now = time.monotonic()
        filters = self.filters.get_matching_filters(log_group_name=log_group_name)
        samples: list[tuple[Sample, float | None]] = []
        for event in log_events:
            samples += [(sample, None) for sample in metrics_in(event["message"])]
            samples += filtered(event["message"], filters)
        with _writing:
            _written.extend((now, *extracted) for extracted in samples)
        return answer

    put_log_events.reads_metrics = True  # type: ignore[attr-defined]
    backend.put_log_events = put_log_events
