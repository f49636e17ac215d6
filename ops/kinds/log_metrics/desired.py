"""The desired metric filters and saved queries of a service. Pure: settings and names in.

Properties are the parameters of PutMetricFilter and PutQueryDefinition, the one transformation
that a filter may have taken out of its list:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ops.base.errors import OpsError
from ops.copilot.place import ServicePlace
from ops.kinds.log_metrics.settings import MetricFilter, Query, Settings
from ops.plan.model import Json, Resource

# Neither kind of resource can be tagged, so a prefix of the name marks those of `ops`.
FILTER_PREFIX = "ops-"
QUERY_FOLDER = "ops/"

FILTER = "metric-filter"
QUERY = "query"


@dataclass(frozen=True)
class LogMetric:
    """A metric of a filter; `dimensions` are names only, their values come from log lines."""

    namespace: str
    name: str
    dimensions: tuple[str, ...]


def desired(settings: Settings, place: ServicePlace) -> list[Resource]:
    """Return the resources that the service's `ops.yml` declares.

    They are named `<service>/metric-filter/<short name>` and `<service>/query/<short name>`. Raise
    OpsError if the service has no log group.
    """
    group = place.stack.log_group
    if group is None:
        raise OpsError(
            f"The service `{place.service}` has no log group",
            f"Remove `log_metrics` from copilot/{place.service}/ops.yml.",
        )
    filters = [
        Resource(f"{place.service}/{FILTER}/{name}", _filter(name, each, place, group), tags={})
        for name, each in settings.metric_filters.items()
    ]
    queries = [
        Resource(f"{place.service}/{QUERY}/{name}", _query(name, each, place, group), tags={})
        for name, each in settings.queries.items()
    ]
    return [*filters, *queries]


def metrics(settings: Settings, place: ServicePlace) -> Iterator[LogMetric]:
    """Yield the metrics of the filters, for dashboards."""
    for name, each in settings.metric_filters.items():
        yield LogMetric(
            _namespace(each, place), each.metric or name, tuple(sorted(each.dimensions))
        )


def folder(application: str, environment: str) -> str:
    """Return the folder of an environment's queries in Logs Insights."""
    return f"{QUERY_FOLDER}{application}/{environment}/"


def _namespace(declared: MetricFilter, place: ServicePlace) -> str:
    return declared.namespace or f"{place.application}/{place.environment}/{place.service}"


def _filter(name: str, declared: MetricFilter, place: ServicePlace, group: str) -> dict[str, Json]:
    default = declared.default
    if default is None and not declared.dimensions:
        default = 0
    return {
        "logGroupName": group,
        "filterName": f"{FILTER_PREFIX}{name}",
        "filterPattern": declared.pattern,
        "metricTransformation": {
            "metricNamespace": _namespace(declared, place),
            "metricName": declared.metric or name,
            "metricValue": declared.value,
            "defaultValue": default,
            "dimensions": dict(declared.dimensions) or None,
            "unit": declared.unit,
        },
    }


def _query(name: str, declared: Query, place: ServicePlace, group: str) -> dict[str, Json]:
    return {
        "name": f"{folder(place.application, place.environment)}{place.service}/{name}",
        "queryString": declared.query,
        "logGroupNames": sorted({group, *declared.log_groups}),
    }
