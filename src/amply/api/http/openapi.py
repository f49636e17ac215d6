"""The OpenAPI document: FastAPI's, with our problems in place of its own."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from amply.api.http.problems import Problem


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document; it is generated once for an application."""
    if app.openapi_schema is None:
        openapi = get_openapi(
            title=app.title,
            version=app.version,
            description="Amounts are whole numbers of a currency's smallest unit. "
            "Every answer carries X-Request-ID; errors are problem details (RFC 9457).",
            routes=app.routes,
        )
        schemas = openapi["components"]["schemas"]
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= problem.pop("$defs") | {"Problem": problem}
        app.openapi_schema = openapi
    return app.openapi_schema
