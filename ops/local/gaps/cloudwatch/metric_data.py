"""GetMetricData and the metrics that it reads.

AWS: a metric is identified by its namespace, its name and all of its dimensions; GetMetricData
calculates metric math; periods begin at multiples of their length.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html

moto: with dimensions it ignores the namespace, its only metric math is the name of another query,
and it reads all samples for each period.

Closed by `ops.local.metrics.store`, which the control loop also fills. Where the control plane's
clock is ahead of real time, requests and answers are shifted by as much: the last five minutes are
the control plane's.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from ops.control.cloudwatch.calculation import value_of
from ops.control.cloudwatch.points import Grid, Several
from ops.control.cloudwatch.samples import Samples, samples_of
from ops.control.expression import ExpressionError, parse
from ops.local.metrics.store import Metric, Store, metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ops.control.cloudwatch.points import Points, Value

_PAGE = 500  # metrics that ListMetrics answers at most


def store_of(backend: CloudWatchBackend) -> Store:
    """Return the samples of a region's CloudWatch."""
    store: Store = backend.__dict__.setdefault("metric_store", Store())
    return store


def dimensions_of(listed: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return dimensions by name from their form in the API."""
    return {dimension["Name"]: dimension["Value"] for dimension in listed}


def _put(self: CloudWatchBackend, namespace: str, metric_data: Sequence[dict[str, Any]]) -> None:
    for place, datum in enumerate(metric_data):
        self._validate_parameters_put_metric_data(datum, place + 1)
    store = store_of(self)
    now, ahead = store.clock.now(), store.clock.ahead()
    for datum in metric_data:
        what = metric(namespace, datum["MetricName"], dimensions_of(datum.get("Dimensions") or ()))
        time = _seconds(datum["Timestamp"]) + ahead if datum.get("Timestamp") else now
        store.put(what, time, samples_from(datum), unit=datum.get("Unit") or "None")


def samples_from(datum: Mapping[str, Any]) -> Samples:
    """Return the samples of a datum of PutMetricData."""
    if sums := datum.get("StatisticValues"):
        count, total, least, most = (
            float(sums[name]) for name in ("SampleCount", "Sum", "Minimum", "Maximum")
        )
        return Samples(count, total, least, most)
    values = datum.get("Values") or [datum.get("Value", 0)]
    counts = datum.get("Counts") or [1] * len(values)
    return samples_of(
        float(value)
        for value, count in zip(values, counts, strict=True)
        for _ in range(int(float(count)))
    )


def _get_metric_data(
    self: CloudWatchBackend,
    queries: list[dict[str, Any]],
    start_time: datetime,
    end_time: datetime,
    scan_by: str = "TimestampDescending",
) -> list[dict[str, Any]]:
    if start_time >= end_time:
        raise ValidationError("The parameter EndTime must be greater than StartTime.")
    store = store_of(self)
    ahead = store.clock.ahead()
    results = _Results(store, _seconds(start_time) + ahead, _seconds(end_time) + ahead, queries)
    return [
        results.answer(query, ahead, newest_first=scan_by == "TimestampDescending")
        for query in queries
        if query.get("ReturnData", True)
    ]


class _Results:
    """The results of one request of GetMetricData."""

    def __init__(
        self, store: Store, start: float, end: float, queries: list[dict[str, Any]]
    ) -> None:
        periods = [int(query["MetricStat"]["Period"]) for query in queries if "MetricStat" in query]
        periods += [int(query["Period"]) for query in queries if query.get("Period")]
        period = max(periods, default=60)
        begin = int(start // period) * period
        self.grid = Grid(begin, period, max(1, math.ceil((end - begin) / period)))
        self.values: dict[str, Value] = {}
        stats = [query for query in queries if "MetricStat" in query]
        for query in stats:
            self.values[query["Id"]] = store.series(*_what(query["MetricStat"]), self.grid)
        names = tuple(query["Id"] for query in stats)
        for query in (query for query in queries if "Expression" in query):
            try:
                tree = parse(query["Expression"])
                self.values[query["Id"]] = value_of(tree, self.values, self.grid, names)
            except (ExpressionError, KeyError) as error:
                raise ValidationError(f"Error in expression '{query['Id']}': {error}") from error

    def answer(
        self, query: Mapping[str, Any], ahead: float, *, newest_first: bool
    ) -> dict[str, Any]:
        """Return the result of one query in the API's form."""
        points = self._points(self.values[query["Id"]])
        pairs = [
            (time, value)
            for time, value in zip(self.grid.times(), points, strict=True)
            if value is not None
        ]
        if newest_first:
            pairs.reverse()
        stat = query.get("MetricStat")
        named = f"{stat['Metric']['MetricName']} {stat['Stat']}" if stat else query["Id"]
        return {
            "id": query["Id"],
            "label": query.get("Label") or named,
            "values": [value for _, value in pairs],
            "timestamps": [_moment(time - ahead) for time, _ in pairs],
            "status_code": "Complete",
        }

    def _points(self, value: Value) -> Points:
        if isinstance(value, tuple):
            return value
        if isinstance(value, Several):
            return value.series[0] if value.series else self.grid.nothing()
        return (value,) * self.grid.length


def _what(stat: Mapping[str, Any]) -> tuple[Metric, str]:
    named = stat["Metric"]
    dimensions = dimensions_of(named.get("Dimensions") or ())
    return metric(named["Namespace"], named["MetricName"], dimensions), stat["Stat"]


def _get_metric_statistics(self: CloudWatchResponse) -> ActionResult:
    store = store_of(self.cloudwatch_backend)
    names = [*self._get_param("Statistics", []), *self._get_param("ExtendedStatistics", [])]
    if not names:
        raise ValidationError("Must specify either Statistics or ExtendedStatistics")
    what = metric(
        self._get_param("Namespace"),
        self._get_param("MetricName"),
        dimensions_of(self._get_param("Dimensions", [])),
    )
    ahead, period = store.clock.ahead(), self._get_int_param("Period")
    start = int((_seconds(self._get_param("StartTime")) + ahead) // period) * period
    end = _seconds(self._get_param("EndTime")) + ahead
    grid = Grid(start, period, max(0, math.ceil((end - start) / period)))
    pairs = zip(grid.times(), store.periods(what, grid), strict=True)
    points = [
        _datapoint(time - ahead, samples, names, store.unit(what))
        for time, samples in pairs
        if samples
    ]
    return ActionResult({"Label": what.name, "Datapoints": points})


def _datapoint(time: float, samples: Samples, names: list[str], unit: str) -> dict[str, Any]:
    values = {name: samples.statistic(name) for name in names}
    extended = {name: value for name, value in values.items() if name[0].islower()}
    plain = {name: value for name, value in values.items() if name not in extended}
    rest = {"ExtendedStatistics": extended} if extended else {}
    return {"Timestamp": _moment(time), "Unit": unit, **plain, **rest}


def _list_metrics(self: CloudWatchResponse) -> ActionResult:
    namespace, name = self._get_param("Namespace"), self._get_param("MetricName")
    filters = [
        (dimension["Name"], dimension.get("Value"))
        for dimension in self._get_param("Dimensions", [])
    ]
    metrics = [
        stored
        for stored in store_of(self.cloudwatch_backend).metrics()
        if namespace in (None, stored.namespace)
        and name in (None, stored.name)
        and all(_has(stored, *one) for one in filters)
    ]
    begin = int(self._get_param("NextToken") or 0)
    page = metrics[begin : begin + _PAGE]
    listed = [
        {
            "Namespace": stored.namespace,
            "MetricName": stored.name,
            "Dimensions": [{"Name": n, "Value": v} for n, v in sorted(stored.dimensions)],
        }
        for stored in page
    ]
    more = {"NextToken": str(begin + _PAGE)} if len(metrics) > begin + _PAGE else {}
    return ActionResult({"Metrics": listed, **more})


def _has(what: Metric, name: str, value: str | None) -> bool:
    return any(n == name and value in (None, v) for n, v in what.dimensions)


def _seconds(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def close() -> None:
    """Read and write metrics in the control loop's store."""
    backend: Any = CloudWatchBackend
    response: Any = CloudWatchResponse
    backend.put_metric_data = _put
    backend.get_metric_data = _get_metric_data
    response.get_metric_statistics = _get_metric_statistics
    response.list_metrics = _list_metrics
