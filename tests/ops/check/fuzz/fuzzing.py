"""Shared parts of the fuzzing tests: number of cases, fields of the schema, form of messages."""

import re
from collections.abc import Iterator

from hypothesis import HealthCheck, settings

from ops.base.errors import OpsError
from ops.copilot.workspace import WorkspaceError
from ops.reference.schema import schema

PLACE = re.compile(r"^[^\n:]+:[1-9]\d*: \S")

_fuzzed = settings.default is not None and settings.default.max_examples > 100
examples = settings(
    max_examples=settings.default.max_examples if settings.default and _fuzzed else 30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def schema_names() -> list[str]:
    """Return every field in the published schemas of `ops.yml`."""
    return sorted({name for kind in ("application", "service") for name in _names(schema(kind))})


def _names(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        properties = node.get("properties", {})
        yield from properties if isinstance(properties, dict) else ()
    if isinstance(node, dict | list):
        for below in node.values() if isinstance(node, dict) else node:
            yield from _names(below)


def assert_located(error: OpsError) -> None:
    """Check that each message begins with a file and one of its lines."""
    told = map(str, error.problems) if isinstance(error, WorkspaceError) else [str(error)]
    for message in told:
        assert PLACE.match(message), message
