"""The HTTP side of the stand-in."""

import json
import re
import secrets
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from amply.embedded.stripe.errors import StripeError, invalid
from amply.embedded.stripe.events import Events, Webhook
from amply.embedded.stripe.faults import Faults
from amply.embedded.stripe.forms import parse
from amply.embedded.stripe.idempotency import Answer, IdempotentAnswers
from amply.embedded.stripe.intents import PaymentIntents
from amply.embedded.stripe.refunds import Refunds

Object = dict[str, Any]

_MOST_IN_A_LIST = 100
_BY_METADATA = re.compile(r"metadata\['(\w+)'\]:'([^']*)'")


class EmbeddedStripe:
    """A stand-in without any payments. Each request is handled whole before the next begins."""

    def __init__(self, webhook: Webhook | None = None) -> None:
        self._answers = IdempotentAnswers()
        self._intents = PaymentIntents()
        self._refunds = Refunds(self._intents)
        self._events = Events(webhook)
        self._faults = Faults()

    def routes(self) -> list[Route]:
        """The part of Stripe's API that there is."""
        payments = "/v1/payment_intents"
        return [
            Route("/health", _health),
            Route(payments, self._create, methods=["POST"]),
            Route(payments, _lists(self._intents.newest_first)),
            Route(f"{payments}/search", self._search),
            Route(f"{payments}/{{id}}", _retrieves(self._intents.retrieve)),
            Route(f"{payments}/{{id}}/confirm", self._confirm, methods=["POST"]),
            Route(f"{payments}/{{id}}/cancel", self._cancel, methods=["POST"]),
            Route("/v1/refunds", self._refund, methods=["POST"]),
            Route("/v1/refunds", _lists(self._refunds.newest_first)),
            Route("/v1/events", _lists(self._events.newest_first)),
            Route("/v1/events/{id}", _retrieves(self._events.retrieve)),
            Route("/v1/events/{id}/retry", self._retry, methods=["POST"]),
            Route("/v1/test_helpers/faults", self._plan_fault, methods=["POST"]),
        ]

    async def _create(self, request: Request) -> Response:
        return await self._post(request, lambda form: self._told(self._intents.create, form))

    async def _confirm(self, request: Request) -> Response:
        intent_id = request.path_params["id"]

        def confirm(form: Object) -> Object:
            return self._told(lambda form: self._intents.confirm(intent_id, form), form)

        return await self._post(request, confirm)

    async def _cancel(self, request: Request) -> Response:
        def cancel(_: Object) -> Object:
            intent = self._intents.cancel(request.path_params["id"])
            self._events.tell("payment_intent.canceled", intent)
            return intent

        return await self._post(request, cancel)

    async def _plan_fault(self, request: Request) -> Response:
        return await self._post(request, self._faults.create)

    async def _refund(self, request: Request) -> Response:
        def refund(form: Object) -> Object:
            made = self._refunds.create(form)
            self._events.tell("charge.refunded", self._refunds.refunded_charge(made))
            return made

        return await self._post(request, refund)

    async def _retry(self, request: Request) -> Response:
        return await self._post(request, lambda _: self._events.retry(request.path_params["id"]))

    async def _search(self, request: Request) -> Response:
        _authorise(request)
        asked = _BY_METADATA.fullmatch(request.query_params.get("query", ""))
        if asked is None:
            raise invalid("Only metadata['key']:'value' is searched for here.", param="query")
        key, value = asked.groups()
        found = [i for i in self._intents.newest_first() if i["metadata"].get(key) == value]
        page = {"object": "search_result", "url": request.url.path, "has_more": False}
        return _respond((200, _json({**page, "data": found[:_MOST_IN_A_LIST]})))

    def _told(self, handle: Callable[[Object], Object], form: Object) -> Object:
        """Handle what may charge a card, and tell what came of it."""
        try:
            intent = handle(form)
        except StripeError as error:
            declined = error.body["error"].get("payment_intent")
            if isinstance(declined, dict):
                self._events.tell("payment_intent.payment_failed", declined)
            raise
        if intent["status"] == "succeeded":
            self._events.tell("payment_intent.succeeded", intent)
        return intent

    async def _post(self, request: Request, handle: Callable[[Object], Object]) -> Response:
        _authorise(request)
        body = await request.body()

        def run() -> tuple[Answer, bool]:
            try:
                form = parse(body)
                return (200, _json(self._faults.around(request.url.path, handle, form))), True
            except StripeError as error:
                return (error.status, _json(error.body)), error.begun

        key = request.headers.get("Idempotency-Key")
        answer, repeated = self._answers.answer(key, (request.url.path, body), run)
        return _respond(answer, {"Idempotent-Replayed": "true"} if repeated else {})


def create_stripe(webhook: Webhook | None = None) -> Starlette:
    """A stand-in that tells its events to this webhook, if to any."""
    return Starlette(
        routes=list(EmbeddedStripe(webhook).routes()),
        exception_handlers={StripeError: _on_error, 404: _on_unknown_path},
    )


def _lists(newest_first: Callable[[], list[Object]]) -> Callable[[Request], Any]:
    async def listing(request: Request) -> Response:
        _authorise(request)
        limit = min(int(request.query_params.get("limit", "10")), _MOST_IN_A_LIST)
        found = newest_first()
        if after := request.query_params.get("starting_after"):
            found = found[1 + [one["id"] for one in found].index(after) :]
        page = {"object": "list", "url": request.url.path, "data": found[:limit]}
        return _respond((200, _json({**page, "has_more": len(found) > limit})))

    return listing


def _retrieves(retrieve: Callable[[str], Object]) -> Callable[[Request], Any]:
    async def retrieving(request: Request) -> Response:
        _authorise(request)
        return _respond((200, _json(retrieve(request.path_params["id"]))))

    return retrieving


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "healthy"})


def _authorise(request: Request) -> None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not key:
        raise StripeError(401, "invalid_request_error", "You did not provide an API key.")
    if not key.startswith(("sk_test_", "rk_test_")):
        raise StripeError(401, "invalid_request_error", "Invalid API Key provided: give a test key")


def _json(value: Object) -> bytes:
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
