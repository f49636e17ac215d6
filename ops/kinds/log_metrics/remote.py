"""Metric filters and saved queries in CloudWatch Logs: the only code that reads and writes them."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ops.aws.access import Access
from ops.aws.client import MANY, Aws, side_by_side, unless_gone
from ops.aws.constraints import Request
from ops.copilot.place import ServicePlace
from ops.kinds.log_metrics.desired import FILTER, FILTER_PREFIX, QUERY, folder
from ops.plan.model import Create, Delete, Json, Live, Properties, Resource, Update
from ops.plan.remote import Trace

ACCESS = Access(
    "logs",
    reads=("DescribeMetricFilters", "DescribeQueryDefinitions"),
    writes=(
        "PutMetricFilter",
        "DeleteMetricFilter",
        "PutQueryDefinition",
        "DeleteQueryDefinition",
    ),
)

# What PutMetricFilter sets besides the names: an update keeps undeclared values.
_WRITABLE = (
    "applyOnTransformedLogs",
    "fieldSelectionCriteria",
    "emitSystemFieldDimensions",
)
_WRITABLE_OF_QUERY = ("queryLanguage", "parameters")  # likewise of PutQueryDefinition


class Remote:
    """The resources of `ops` on the log groups of some services of one environment."""

    def __init__(self, aws: Aws, places: Sequence[ServicePlace]) -> None:
        self._groups = {
            place.service: place.stack.log_group
            for place in places
            if place.stack.log_group is not None
        }
        self._folder = folder(places[0].application, places[0].environment)
        self._client = aws.client(ACCESS)
        self._filters: dict[str, list[Live]] = {}  # by service
        self._queries: list[Live] | None = None
        self._query_ids: dict[str, str] = {}

    def read(self, names: Collection[str]) -> list[Live]:
        """Read with one call for each service that has filters, and one for all queries.

        From `MANY` services on, read filters with one call for each 50 in the account.
        """
        parts = [name.split("/", 2) for name in names]
        services = sorted({service for service, part, _ in parts if part == FILTER})
        live_resources = self._read_filters(services)
        if any(part == QUERY for _, part, _ in parts):
            live_resources += self._read_queries()
        return [live for live in live_resources if live.name in names]

    def _read_filters(self, services: Collection[str]) -> list[Live]:
        unread = {
            self._groups[service]: service for service in services if service not in self._filters
        }
        self._filters.update({service: [] for service in unread.values()})
        if len(unread) < MANY:
            answers = side_by_side(self._describe_filters, unread)
        else:
            answers = [self._describe_filters()]
        for answer in chain.from_iterable(answers):
            service = unread.get(answer["logGroupName"])
            if service is not None and answer["filterName"].startswith(FILTER_PREFIX):
                self._filters[service].append(_live_filter(service, answer))
        return [live for service in services for live in self._filters[service]]

    def _describe_filters(self, group: str | None = None) -> list[Mapping[str, Any]]:
        """Return the metric filters of a log group, or of all; AWS takes a prefix only with a
        group.
        """
        only = {"logGroupName": group, "filterNamePrefix": FILTER_PREFIX} if group else {}
        pages = self._client.get_paginator("describe_metric_filters").paginate(**only)
        return [answer for page in pages for answer in page["metricFilters"]]

    def _read_queries(self) -> list[Live]:
        if self._queries is None:
            definitions = self._describe_queries()
            self._query_ids = {
                definition["name"]: definition["queryDefinitionId"] for definition in definitions
            }
            named = (
                (self._query_name(definition["name"]), definition) for definition in definitions
            )
            self._queries = [
                _live_query(name, answer) for name, answer in named if name is not None
            ]
        return self._queries

    def _describe_queries(self) -> list[Mapping[str, Any]]:
        """Return all queries of the environment; botocore has no paginator for them."""
        definitions: list[Mapping[str, Any]] = []
        parameters: dict[str, Any] = {"queryDefinitionNamePrefix": self._folder, "maxResults": 1000}
        while True:
            answer = self._client.describe_query_definitions(**parameters)
            definitions.extend(answer["queryDefinitions"])
            if not answer.get("nextToken"):
                return definitions
            parameters["nextToken"] = answer["nextToken"]

    def _query_name(self, name: str) -> str | None:
        """Return the name in plans for a query of one of these services."""
        service, _, short_name = name.removeprefix(self._folder).partition("/")
        return f"{service}/{QUERY}/{short_name}" if service in self._groups else None

    def inventory(self) -> Collection[str]:
        """Return names with the calls of `read`, for all services that have a log group."""
        return {live.name for live in [*self._read_filters(self._groups), *self._read_queries()]}

    def owned(self, names: Collection[str]) -> Collection[str]:
        """Return all names: only resources with names of `ops` are read."""
        return names

    def create(self, change: Create) -> None:
        """Call PutMetricFilter or PutQueryDefinition."""
        self._put(change.result)

    def update(self, change: Update) -> None:
        """Make the same call with all current properties and the declared ones."""
        self._put(change.result)

    def _put(self, properties: Properties) -> None:
        request = put_request(properties, self._query_ids)
        if request.operation == "PutQueryDefinition":
            self._client.put_query_definition(**request.parameters)
        else:
            self._client.put_metric_filter(**request.parameters)

    def requests(self, resource: Resource) -> Iterator[Request]:
        """Return the request that creates the filter or query."""
        yield put_request(Create(resource).result, {})

    def delete(self, change: Delete) -> None:
        """Call DeleteMetricFilter or DeleteQueryDefinition."""
        properties: Mapping[str, Any] = change.live.properties
        with unless_gone():
            if "queryString" in properties:
                known = self._query_ids[properties["name"]]
                self._client.delete_query_definition(queryDefinitionId=known)
            else:
                self._client.delete_metric_filter(
                    logGroupName=properties["logGroupName"], filterName=properties["filterName"]
                )

    def parent(self, name: str) -> str | None:
        """Return a filter's log group: CloudWatch Logs refuses concurrent changes to it.

        https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
        """
        service, part, _ = name.split("/", 2)
        return self._groups[service] if part == FILTER else None

    def traces(self, name: str) -> list[Trace]:
        """Name a filter by its name and log group; a query by its name and, while it exists, its
        ID.

        The author of a query's deletion cannot be found: that call has only the ID.
        """
        service, part, short_name = name.split("/", 2)
        if part == FILTER:
            group = self._groups[service]
            return [{"filterName": f"{FILTER_PREFIX}{short_name}", "logGroupName": group}]
        query = f"{self._folder}{service}/{short_name}"
        known = self._query_ids.get(query)
        return [{"name": query}, *([{"queryDefinitionId": known}] if known else [])]


def put_request(properties: Properties, query_ids: Mapping[str, str]) -> Request:
    """Return the request that puts a filter or a query. `query_ids` are by the queries' names."""
    parameters: dict[str, Any] = dict(properties)
    if "queryString" in parameters:
        if known := query_ids.get(parameters["name"]):
            parameters["queryDefinitionId"] = known  # else it would be a second one
        else:
            parameters["clientToken"] = _token(parameters)
        return Request(ACCESS.service, "PutQueryDefinition", parameters)
    parameters["metricTransformations"] = [parameters.pop("metricTransformation")]
    return Request(ACCESS.service, "PutMetricFilter", parameters)


def _token(properties: Mapping[str, Any]) -> str:
    """Return the same token for the same new query, so that two concurrent syncs create
    only one.
    """
    return str(uuid5(NAMESPACE_URL, json.dumps(properties, sort_keys=True)))


def _live_filter(service: str, answer: Mapping[str, Any]) -> Live:
    transformation = answer["metricTransformations"][0]
    properties: dict[str, Json] = {
        "logGroupName": answer["logGroupName"],
        "filterName": answer["filterName"],
        "filterPattern": answer.get("filterPattern", ""),
        **{key: answer[key] for key in _WRITABLE if answer.get(key)},
        # AWS answers "None" for a unit that is not set.
        "metricTransformation": {
            key: value for key, value in transformation.items() if value not in (None, {}, "None")
        },
    }
    metric = f"{transformation['metricNamespace']} {transformation['metricName']}"
    short_name = answer["filterName"].removeprefix(FILTER_PREFIX)
    state: dict[str, Json] = {"on": answer["logGroupName"], "gives": metric}
    return Live(f"{service}/{FILTER}/{short_name}", properties, state)


def _live_query(name: str, answer: Mapping[str, Any]) -> Live:
    groups = sorted(answer.get("logGroupNames", []))
    properties: dict[str, Json] = {
        "name": answer["name"],
        "queryString": answer["queryString"].strip(),
        "logGroupNames": groups,
        **{key: answer[key] for key in _WRITABLE_OF_QUERY if answer.get(key)},
    }
    state: dict[str, Json] = {"on": ", ".join(groups), "gives": answer["name"]}
    return Live(name, properties, state)
