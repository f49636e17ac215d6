"""The routes."""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from amply.embedded.stripe.errors import StripeError, invalid
from amply.embedded.stripe.events import Events, Webhook
from amply.embedded.stripe.forms import parse
from amply.embedded.stripe.http.answers import authorise, encode, on_error, on_unknown_path, respond
from amply.embedded.stripe.http.faults import Faults
from amply.embedded.stripe.http.idempotency import Answer, IdempotentAnswers
from amply.embedded.stripe.http.lists import Field, expanded, fields, page
from amply.embedded.stripe.http.pages import Pages
from amply.embedded.stripe.objects import balance, checkout, disputes, intents, refunds
from amply.embedded.stripe.objects.account import Account, Collection, Object

_MOST_FOUND = 100
_BY_METADATA = re.compile(r"metadata\['(\w+)'\]:'([^']*)'")
_SECONDS_TO_SETTLE_A_REFUND = 1.0

Handler = Callable[[Mapping[str, Any]], Object]
ById = Callable[[Account, str], Object]


class EmbeddedStripe:
    """An account without payments. Requests are handled one after the other."""

    def __init__(self, webhook: Webhook | None = None) -> None:
        self._answers = IdempotentAnswers()
        self._events = Events(webhook)
        self._account = Account(self._events)
        self._faults = Faults()

    def routes(self) -> list[Route]:
        """Return the part of Stripe's API that is implemented."""
        return [
            Route("/health", _health),
            *self._payments(),
            *self._checkout(),
            *Pages(self._account).routes(),
            *self._money(),
            *self._disputes(),
            *self._reads("events", self._events.kept, **fields("type")),
            self._post("events/{id}/retry", lambda path: lambda _: self._events.retry(path["id"])),
            self._post("test_helpers/faults", lambda _: self._faults.create),
        ]

    def _payments(self) -> list[Route]:
        account = self._account

        def confirm(path: Mapping[str, str]) -> Handler:
            return partial(intents.confirm, account, path["id"])

        return [
            self._post("payment_intents", lambda _: partial(intents.create, account)),
            Route("/v1/payment_intents/search", self._search),
            *self._reads("payment_intents", account.intents, **fields("customer")),
            self._post("payment_intents/{id}/confirm", confirm),
            self._post("payment_intents/{id}/cancel", self._by_id(intents.cancel)),
            *self._reads("charges", account.charges, **fields("payment_intent", "customer")),
            self._post("refunds", lambda _: self._refund),
            *self._reads("refunds", account.refunds, **fields("payment_intent", "charge")),
        ]

    def _checkout(self) -> list[Route]:
        async def opening(request: Request) -> Response:
            authorise(request)
            pages = str(request.base_url).rstrip("/")
            return self._answered(
                request, await request.body(), lambda form: self._open(pages, form)
            )

        path = "checkout/sessions"
        filters = fields("payment_intent", "status", "customer")
        return [
            Route(f"/v1/{path}", opening, methods=["POST"]),
            *self._reads(path, self._account.sessions, **filters),
            self._post(f"{path}/{{id}}/expire", self._by_id(checkout.expire)),
        ]

    def _open(self, pages: str, form: Mapping[str, Any]) -> Object:
        session = checkout.create(self._account, pages, form)
        later = asyncio.get_running_loop().call_later
        later(session["expires_at"] - time.time(), self._expire, session)
        return session

    def _expire(self, session: Object) -> None:
        if session["status"] == "open":
            checkout.expire(self._account, session["id"])

    def _money(self) -> list[Route]:
        account = self._account

        def payout_of(transaction: Object) -> str | None:
            return account.payout_of.get(transaction["id"])

        async def read_balance(request: Request) -> Response:
            authorise(request)
            return respond((200, encode(balance.balance(account))))

        by_payout: dict[str, Field] = {"payout": payout_of}
        return [
            Route("/v1/balance", read_balance),
            *self._reads(
                "balance_transactions",
                account.transactions,
                **by_payout,
                **fields("type", "source", "currency"),
            ),
            self._post("payouts", lambda _: partial(balance.create_payout, account)),
            *self._reads("payouts", account.payouts, **fields("status", "destination")),
            self._post("test_helpers/payouts", lambda _: partial(balance.pay_out_all, account)),
            self._post("test_helpers/payouts/{id}/fail", self._by_id(balance.fail_payout)),
        ]

    def _disputes(self) -> list[Route]:
        account = self._account

        def update(path: Mapping[str, str]) -> Handler:
            return partial(disputes.update, account, path["id"])

        of_payment = fields("charge", "payment_intent")
        warnings = "radar/early_fraud_warnings"
        return [
            *self._reads("disputes", account.disputes, **of_payment),
            self._post("disputes/{id}", update),
            self._post("disputes/{id}/close", self._by_id(disputes.close)),
            *self._reads(warnings, account.warnings, **of_payment),
        ]

    def _refund(self, form: Mapping[str, Any]) -> Object:
        refund = refunds.create(self._account, form)
        later = asyncio.get_running_loop().call_later
        later(_SECONDS_TO_SETTLE_A_REFUND, refunds.settle, self._account, refund)
        return dict(refund)

    def _by_id(self, handle: ById) -> Callable[[Mapping[str, str]], Handler]:
        return lambda path: lambda _: handle(self._account, path["id"])

    def _reads(self, path: str, collection: Collection, **filters: Field) -> list[Route]:
        async def listing(request: Request) -> Response:
            authorise(request)
            query = parse(request.url.query.encode())
            matches = page(collection, request.url.path, query, filters)
            return respond((200, encode(expanded(self._account, matches, query))))

        async def retrieving(request: Request) -> Response:
            authorise(request)
            one = collection.retrieve(request.path_params["id"])
            query = parse(request.url.query.encode())
            return respond((200, encode(expanded(self._account, one, query))))

        return [Route(f"/v1/{path}", listing), Route(f"/v1/{path}/{{id}}", retrieving)]

    def _post(self, path: str, handler_of: Callable[[Mapping[str, str]], Handler]) -> Route:
        async def posting(request: Request) -> Response:
            authorise(request)
            return self._answered(request, await request.body(), handler_of(request.path_params))

        return Route(f"/v1/{path}", posting, methods=["POST"])

    def _answered(self, request: Request, body: bytes, handle: Handler) -> Response:
        path = request.url.path

        def run() -> tuple[Answer, bool]:
            try:
                form = parse(body)
                answer = expanded(self._account, self._faults.around(path, handle, form), form)
                return (200, encode(answer)), True
            except StripeError as error:
                return (error.status, encode(error.body)), error.begun

        key = request.headers.get("Idempotency-Key")
        answer, repeated = self._answers.answer(key, (path, body), run)
        return respond(answer, {"Idempotent-Replayed": "true"} if repeated else {})

    async def _search(self, request: Request) -> Response:
        authorise(request)
        query = _BY_METADATA.fullmatch(request.query_params.get("query", ""))
        if query is None:
            raise invalid("Only metadata['key']:'value' is searched for here.", param="query")
        key, value = query.groups()
        payments = self._account.intents.newest_first()
        matches = [intent for intent in payments if intent["metadata"].get(key) == value]
        result = {"object": "search_result", "url": request.url.path, "has_more": False}
        return respond((200, encode({**result, "data": matches[:_MOST_FOUND]})))


def create_stripe(webhook: Webhook | None = None) -> Starlette:
    """Create a stand-in that sends its events to this webhook, if there is one."""
    return Starlette(
        routes=EmbeddedStripe(webhook).routes(),
        exception_handlers={StripeError: on_error, 404: on_unknown_path},
    )


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "healthy"})
