"""Saved queries of CloudWatch Logs Insights.

AWS: PutQueryDefinition creates a query, or replaces the one with the given id; names may be equal.
A second request with the same token creates none.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeQueryDefinitions.html

moto: it has none of the three calls.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError
from moto.logs.responses import LogsResponse

if TYPE_CHECKING:
    from moto.logs.models import LogsBackend

_KEPT = ("name", "queryString", "logGroupNames", "queryLanguage", "parameters")
_PAGE = 1000  # the most that one answer holds


class _NotFoundError(JsonRESTError):
    def __init__(self, known_by: str) -> None:
        message = f"The query definition {known_by} does not exist."
        super().__init__("ResourceNotFoundException", message)


def close() -> None:
    """Add the three calls."""
    LogsResponse.put_query_definition = _put  # type: ignore[attr-defined]
    LogsResponse.describe_query_definitions = _describe  # type: ignore[attr-defined]
    LogsResponse.delete_query_definition = _delete  # type: ignore[attr-defined]


def _saved(backend: LogsBackend) -> dict[str, dict[str, Any]]:
    """Return the queries, kept on the backend itself so that a reset of moto deletes them."""
    saved: dict[str, dict[str, Any]] = backend.__dict__.setdefault("saved_queries", {})
    return saved


def _put(self: LogsResponse) -> str:
    saved = _saved(self.logs_backend)
    given = self._get_param("queryDefinitionId")
    if given is not None and given not in saved:
        raise _NotFoundError(given)
    tokens: dict[str, str] = self.logs_backend.__dict__.setdefault("query_tokens", {})
    known_by = given or tokens.setdefault(self._get_param("clientToken"), str(uuid.uuid4()))
    fields = {name: self._get_param(name) for name in _KEPT}
    saved[known_by] = {
        "queryDefinitionId": known_by,
        "lastModified": int(time.time() * 1000),
        **{name: value for name, value in fields.items() if value is not None},
    }
    return json.dumps({"queryDefinitionId": known_by})


def _describe(self: LogsResponse) -> str:
    prefix = self._get_param("queryDefinitionNamePrefix") or ""
    definitions = [
        definition
        for definition in _saved(self.logs_backend).values()
        if definition["name"].startswith(prefix)
    ]
    start = int(self._get_param("nextToken") or 0)
    end = start + int(self._get_param("maxResults") or _PAGE)
    more = {"nextToken": str(end)} if end < len(definitions) else {}
    return json.dumps({"queryDefinitions": definitions[start:end], **more})


def _delete(self: LogsResponse) -> str:
    known_by = self._get_param("queryDefinitionId")
    if _saved(self.logs_backend).pop(known_by, None) is None:
        raise _NotFoundError(known_by)
    return json.dumps({"success": True})
