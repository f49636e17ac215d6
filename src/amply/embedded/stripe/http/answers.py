"""HTTP responses in Stripe's format."""

import json
import secrets

from starlette.requests import Request
from starlette.responses import Response

from amply.embedded.stripe.errors import StripeError
from amply.embedded.stripe.http.idempotency import Answer


def authorise(request: Request) -> None:
    """Raise StripeError unless the request has a key of the test mode."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        raise StripeError(401, "invalid_request_error", "You did not provide an API key.")
    if not key.startswith(("sk_test_", "rk_test_")):
        raise StripeError(401, "invalid_request_error", "Invalid API Key provided: give a test key")


def encode(value: object) -> bytes:
    """Return a body."""
    return json.dumps(value).encode()


def respond(answer: Answer, headers: dict[str, str] | None = None) -> Response:
    """Return a status and a body as a response."""
    status, body = answer
    named = {"Request-Id": f"req_{secrets.token_hex(7)}", **(headers or {})}
    return Response(body, status, named, "application/json")


async def on_error(_: Request, error: Exception) -> Response:
    """Answer an error."""
    assert isinstance(error, StripeError)  # noqa: S101 - registered for nothing else
    return respond((error.status, encode(error.body)))


async def on_unknown_path(request: Request, _: Exception) -> Response:
    """Return Stripe's error for an unknown route."""
    message = f"Unrecognized request URL ({request.method}: {request.url.path})."
    return await on_error(request, StripeError(404, "invalid_request_error", message))
