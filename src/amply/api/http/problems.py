"""Errors as problem details (RFC 9457), each with the identifier of its request."""

import json
import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route

from amply.base.logs import bound_identifier

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """The problem with one part of a request."""

    field: str = Field(examples=["body.amount"])
    message: str = Field(examples=["Input should be greater than or equal to 50"])


class Problem(BaseModel):
    """The error of a request, in the form of RFC 9457.
    https://www.rfc-editor.org/rfc/rfc9457.
    """

    type: str = Field(default="about:blank")
    title: str = Field(description="What the status means.")
    status: int
    detail: str = Field(description="What is wrong with this request.")
    request_id: str | None = Field(description="Found in every line that we log about it.")
    errors: list[FieldProblem] | None = Field(default=None, description="Only with status 422.")


_MEANINGS = {
    400: "The body is not JSON in UTF-8 or not an event of Stripe, or a header is missing",
    401: "No API key, or not one of ours",
    403: "The API key may not do this",
    404: "There is no such donation or donor",
    409: "It does not agree with what was there before",
    408: "The body did not arrive in time",
    413: "The body is too large",
    422: "The request is out of bounds; `errors` says where",
    429: "Too many donations come from one address; try later",
    503: "The database or Stripe does not answer; try again",
}


class Unavailable(HTTPException):
    """A dependency does not answer (503); the same request may be sent again."""

    def __init__(self, detail: str) -> None:
        super().__init__(503, detail, {"Retry-After": "1"})


_KEY = ("header", "Idempotency-Key")

# SQLSTATEs, and classes of them, of what may work a moment later. The rest is a fault of ours.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_WILL_PASS = (
    "08",  # connection exception
    "25006",  # read-only: what the writer was before a failover
    "40",  # transaction rollback: serialization, deadlock
    "53",  # insufficient resources: too many connections
    "55",  # not in prerequisite state: the database takes no connections, a lock is held
    "57",  # operator intervention: shutting down, starting up
)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the value for `responses=` of a route."""
    return {
        status: {
            "description": _MEANINGS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def problem(
    status: int,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem as a response."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": bound_identifier("request_id"),
    }
    if errors is not None:
        body["errors"] = errors
    return Response(json.dumps(body).encode(), status, headers, MEDIA_TYPE)


def install(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Answer every error of a route with a problem; the middleware handles other errors."""
    routes = [route for router in routers for route in router.routes]

    async def on_http_exception(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            # Starlette names the methods of the first route of this path alone.
            headers["Allow"] = ", ".join(_allowed(request, routes))
        return problem(error.status_code, str(error.detail), headers=headers)

    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    # OSError: no connection was had at all. One kind of it, TimeoutError: no answer came in time.
    for kind in (DBAPIError, PoolTimeoutError, OSError):
        app.add_exception_handler(kind, _on_no_database)


def _allowed(request: Request, routes: Iterable[BaseRoute]) -> list[str]:
    here = [
        route
        for route in routes
        if isinstance(route, Route) and route.matches(request.scope)[0] != Match.NONE
    ]
    return sorted({method for route in here for method in route.methods or ()})


async def _on_invalid_request(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    # A donor who is answered 503 must be able to try again without a second donation.
    if any(
        field_error["type"] == "missing" and field_error["loc"] == _KEY
        for field_error in error.errors()
    ):
        return problem(400, "Idempotency-Key: required; send a new UUID for each donation")
    # Never the input: it is a donor's.
    errors = [
        {"field": ".".join(map(str, field_error["loc"])), "message": str(field_error["msg"])}
        for field_error in error.errors()
    ]
    return problem(422, "The request is out of bounds", errors=errors)


async def _on_no_database(_: Request, error: Exception) -> Response:
    if isinstance(error, DBAPIError) and not _will_pass(error):
        raise error
    reason = type(getattr(error, "orig", None) or error).__name__
    logger.warning("Unavailable", extra={"dependency": "database", "reason": reason})
    return problem(503, "The database does not answer; try again", headers={"Retry-After": "1"})


def _will_pass(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state.startswith(_WILL_PASS)
    # The driver's own: a connection that is gone, but for a value that it could not encode.
    is_value = isinstance(error.orig and error.orig.__cause__, ValueError)
    return isinstance(error, OperationalError | InterfaceError) and not is_value
