"""The desired metric filters and saved queries of a service. Pure: settings and names in.

Properties are the parameters of PutMetricFilter and PutQueryDefinition, with a filter's only
transformation taken out of its list:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ops.base.errors import DeclarationError, OpsError
from ops.control.logs import MOST_GROUPS
from ops.copilot.place import ServicePlace
from ops.kinds.log_metrics.settings import MetricFilter, Query, Settings
from ops.plan.model import Json, Resource

# Neither kind of resource can be tagged, so a prefix of the name marks those of `ops`.
FILTER_PREFIX = "ops-"
QUERY_FOLDER = "ops/"

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html
_LONGEST_QUERY_NAME = 255

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

    Raises OpsError when the service has no log group, DeclarationError for a query that CloudWatch
    would refuse.
    """
    group = place.stack.log_group
    if group is None:
        raise OpsError(
            f"The service `{place.service}` has no log group",
            f"Remove `log_metrics` from copilot/{place.service}/ops.yml.",
        )
    filters = [
        Resource(
            f"{place.service}/{FILTER}/{name}",
            _filter(name, declared, place, group),
            tags={},
            declared_at=("log_metrics", "metric_filters", name),
        )
        for name, declared in settings.metric_filters.items()
    ]
    queries = [
        Resource(
            f"{place.service}/{QUERY}/{name}",
            _query(name, declared, place, group),
            tags={},
            declared_at=("log_metrics", "queries", name),
        )
        for name, declared in settings.queries.items()
    ]
    return [*filters, *queries]


def metrics(settings: Settings, place: ServicePlace) -> Iterator[LogMetric]:
    """Yield the metrics of the filters, for dashboards."""
    for name, declared in settings.metric_filters.items():
        yield LogMetric(
            _namespace(declared, place), declared.metric or name, tuple(sorted(declared.dimensions))
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
    full_name = f"{folder(place.application, place.environment)}{place.service}/{name}"
    groups = sorted({group, *declared.log_groups})
    location = ("log_metrics", "queries", name)
    if len(full_name) > _LONGEST_QUERY_NAME:
        raise DeclarationError(
            f"The query `{name}` would be called `{full_name}`, which is longer than "
            f"{_LONGEST_QUERY_NAME} characters",
            "Give it a shorter name.",
            location,
        )
    if len(groups) > MOST_GROUPS:
        raise DeclarationError(
            f"The query `{name}` searches {len(groups)} log groups, the service's own included, "
            f"and CloudWatch takes {MOST_GROUPS}",
            "Remove some of its `log_groups`.",
            location,
        )
    return {"name": full_name, "queryString": declared.query, "logGroupNames": groups}
