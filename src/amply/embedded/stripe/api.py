"""The HTTP side of the stand-in."""

import json
import secrets
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from amply.embedded.stripe.errors import StripeError
from amply.embedded.stripe.forms import parse
from amply.embedded.stripe.idempotency import Answer, IdempotentAnswers
from amply.embedded.stripe.intents import PaymentIntents

_MOST_IN_A_LIST = 100


def create_stripe() -> Starlette:
    """A stand-in without any payments. Each request is handled whole before the next begins."""
    intents, answers = PaymentIntents(), IdempotentAnswers()

    async def create(request: Request) -> Response:
        return await _post(request, answers, intents.create)

    async def confirm(request: Request) -> Response:
        intent_id = request.path_params["intent_id"]
        return await _post(request, answers, lambda form: intents.confirm(intent_id, form))

    async def retrieve(request: Request) -> Response:
        _authorise(request)
        return _respond((200, _json(intents.retrieve(request.path_params["intent_id"]))))

    async def listing(request: Request) -> Response:
        _authorise(request)
        limit = min(int(request.query_params.get("limit", "10")), _MOST_IN_A_LIST)
        found = intents.newest_first()
        if after := request.query_params.get("starting_after"):
            found = found[1 + [intent["id"] for intent in found].index(after) :]
        page = {"object": "list", "url": request.url.path, "data": found[:limit]}
        return _respond((200, _json({**page, "has_more": len(found) > limit})))

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "healthy"})

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/v1/payment_intents", create, methods=["POST"]),
            Route("/v1/payment_intents", listing),
            Route("/v1/payment_intents/{intent_id}", retrieve),
            Route("/v1/payment_intents/{intent_id}/confirm", confirm, methods=["POST"]),
        ],
        exception_handlers={StripeError: _on_error, 404: _on_unknown_path},
    )


async def _post(
    request: Request,
    answers: IdempotentAnswers,
    handle: Callable[[dict[str, Any]], dict[str, Any]],
) -> Response:
    _authorise(request)
    body = await request.body()

    def run() -> Answer:
        try:
            return 200, _json(handle(parse(body)))
        except StripeError as error:
            return error.status, _json(error.body)

    key = request.headers.get("Idempotency-Key")
    answer, repeated = answers.answer(key, (request.url.path, body), run)
    return _respond(answer, {"Idempotent-Replayed": "true"} if repeated else {})


def _authorise(request: Request) -> None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        raise StripeError(401, "invalid_request_error", "You did not provide an API key.")
    if not key.startswith(("sk_test_", "rk_test_")):
        raise StripeError(401, "invalid_request_error", "Invalid API Key provided: give a test key")


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()


def _respond(answer: Answer, headers: dict[str, str] | None = None) -> Response:
    status, body = answer
    named = {"Request-Id": f"req_{secrets.token_hex(7)}", **(headers or {})}
    return Response(body, status, named, "application/json")


async def _on_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, StripeError)  # noqa: S101 - registered for nothing else
    return _respond((error.status, _json(error.body)))


async def _on_unknown_path(request: Request, _: Exception) -> Response:
    message = f"Unrecognized request URL ({request.method}: {request.url.path})."
    return await _on_error(request, StripeError(404, "invalid_request_error", message))
