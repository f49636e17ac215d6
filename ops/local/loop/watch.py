"""The metrics and the condition of a metric alarm, read from its definition in moto."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.control.cloudwatch.arithmetic import as_series
from ops.control.cloudwatch.calculation import value_of
from ops.control.cloudwatch.evaluation import Condition, Missing
from ops.control.cloudwatch.points import Grid, Points, Value
from ops.control.cloudwatch.samples import least_samples
from ops.control.expression import Node, parse
from ops.local.metrics.store import Metric, Store, metric

if TYPE_CHECKING:
    from moto.cloudwatch.models import Alarm

    from ops.control.undocumented import Choices

_ONLY = "metric"
_ID = re.compile(r"[a-z][A-Za-z0-9_]*")
_DEFAULT_PERIOD = 60


@dataclass(frozen=True)
class Watch:
    """An alarm's condition, and the metrics and expressions that its points are made from."""

    condition: Condition
    period: int
    metrics: tuple[tuple[str, Metric, str], ...]
    """Id, metric and statistic."""
    expressions: tuple[tuple[str, Node], ...]
    """Each after those that it names."""
    result: str
    least_samples: float = 0.0
    """Fewer samples in each period leave the state as it is."""

    @classmethod
    def of(cls, alarm: Alarm) -> Watch:
        """Read moto's alarm. Raise ExpressionError for an expression that cannot be read."""
        periods = int(alarm.evaluation_periods)
        condition = Condition(
            alarm.comparison_operator,
            float(alarm.threshold),
            periods,
            int(alarm.datapoints_to_alarm or periods),
            Missing(alarm.treat_missing_data or "missing"),
        )
        if alarm.metric_data_queries:
            return cls(condition, *_several(alarm.metric_data_queries))
        statistic = alarm.extended_statistic or alarm.statistic
        dimensions = {dimension.name or "": dimension.value or "" for dimension in alarm.dimensions}
        what = metric(alarm.namespace, alarm.metric_name, dimensions)
        ignores = alarm.evaluate_low_sample_count_percentile == "ignore"
        least = least_samples(statistic) if ignores else 0.0
        only = ((_ONLY, what, statistic),)
        return cls(condition, int(alarm.period), only, (), _ONLY, least)

    def points(self, store: Store, now: float, choices: Choices) -> tuple[Grid, Points]:
        """Return the points of the evaluation range that ends at a time."""
        length = self.condition.fetched(choices)
        end = int(now // min(self.period, 60)) * min(self.period, 60)
        grid = Grid(end - length * self.period, self.period, length)
        known: dict[str, Value] = {
            name: store.series(what, statistic, grid) for name, what, statistic in self.metrics
        }
        names = tuple(known)
        for name, tree in self.expressions:
            known[name] = value_of(tree, known, grid, names, choices)
        return grid, as_series(known[self.result], grid)

    def has_few_samples(self, store: Store, grid: Grid) -> bool:
        """Return whether a percentile is ignored because its periods have too few samples."""
        if not self.least_samples:
            return False
        ((_, what, _),) = self.metrics
        counts = [samples.count for samples in store.periods(what, grid) if samples]
        return bool(counts) and max(counts) < self.least_samples


def _several(
    queries: list[Any],
) -> tuple[int, tuple[tuple[str, Metric, str], ...], tuple[tuple[str, Node], ...], str]:
    stats = [query for query in queries if query.metric_stat is not None]
    period = max((int(query.metric_stat.period) for query in stats), default=_DEFAULT_PERIOD)
    metrics = tuple(
        (query.id, _metric(query.metric_stat.metric), query.metric_stat.stat) for query in stats
    )
    left = {query.id: query.expression for query in queries if query.metric_stat is None}
    ordered: list[tuple[str, Node]] = []
    while left:
        free = (name for name, text in left.items() if not left.keys() & _names(text))
        name = next(free, next(iter(left)))
        ordered.append((name, parse(left.pop(name))))
    result = next(query.id for query in queries if _returns(query))
    return period, metrics, tuple(ordered), result


def _metric(named: Any) -> Metric:
    dimensions = {dimension.name: dimension.value for dimension in named.dimensions}
    return metric(named.namespace, named.metric_name, dimensions)


def _names(text: str) -> set[str]:
    return set(_ID.findall(text))


def _returns(query: Any) -> bool:
    """Return whether a query returns data, which is the default."""
    return str(query.return_data).lower() not in ("false", "0")
