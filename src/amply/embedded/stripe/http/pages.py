"""The pages on which a person plays the donor.

/pay/<session or client secret>    pay with a test card, or leave
/bank/<payment intent>             the bank asks: agree or refuse
"""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from amply.embedded.stripe.errors import StripeError
from amply.embedded.stripe.forms import parse
from amply.embedded.stripe.objects import checkout, intents
from amply.embedded.stripe.objects.account import Account, Object

_CARDS = {
    "pm_card_visa": "A card that pays",
    "pm_card_chargeDeclined": "A card that is declined",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "A card without funds",
    "pm_card_authenticationRequired": "A card whose bank asks",
    "pm_card_createDispute": "A card that pays, and whose donor disputes it",
}
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui;max-width:26rem;margin:3rem auto;padding:0 1rem}}
button{{font:inherit;display:block;width:100%;margin:.4rem 0;padding:.5rem}}
.error{{color:#b00020}}small{{color:#666}}</style>
<h1>{title}</h1>{body}<p><small>Embedded Stripe: no money moves.</small></p></html>"""


class Pages:
    """The pages of one account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def routes(self) -> list[Route]:
        """Return the routes of the pages."""
        return [
            Route("/pay/{key}", self._show),
            Route("/pay/{key}", self._pay, methods=["POST"]),
            Route("/bank/{id}", self._ask),
            Route("/bank/{id}", self._answer, methods=["POST"]),
            Route("/returned", _returned),
        ]

    async def _show(self, request: Request) -> Response:
        return self._payment_page(request.path_params["key"])

    async def _pay(self, request: Request) -> Response:
        key = request.path_params["key"]
        card = parse(await request.body()).get("card")
        session, intent = self._of(key)
        try:
            if session:
                intent = checkout.pay(self._account, session, str(card))
            elif intent:
                intents.confirm(self._account, intent["id"], {"payment_method": card})
        except StripeError as error:
            return self._payment_page(key, str(error))
        return self._after(session, intent, key)

    async def _ask(self, request: Request) -> Response:
        intent = self._account.intents.retrieve(request.path_params["id"])
        body = f"<p>Do you pay {_amount(intent['amount'], intent['currency'])}?</p>" + _form(
            f"/bank/{intent['id']}", "answer", {"agree": "Agree", "refuse": "Refuse"}
        )
        return _page("Your bank asks", body)

    async def _answer(self, request: Request) -> Response:
        intent = self._account.intents.retrieve(request.path_params["id"])
        agrees = parse(await request.body()).get("answer") == "agree"
        key = self._key_of(intent)
        try:
            intents.answer_bank(self._account, intent, agrees=agrees)
        except StripeError as error:
            return self._payment_page(key, str(error))
        if not agrees:
            return self._payment_page(key, intent["last_payment_error"]["message"])
        return self._after(checkout.complete(self._account, intent), intent, key)

    def _of(self, key: str) -> tuple[Object | None, Object | None]:
        """Return the session or the intent that a page is about. Raise StripeError."""
        intent_id, separator, _ = key.partition("_secret_")
        if not separator:
            return self._account.sessions.retrieve(key), None
        intent = self._account.intents.retrieve(intent_id)
        if intent["client_secret"] != key:
            raise StripeError(404, "invalid_request_error", "No such payment_intent")
        return None, intent

    def _key_of(self, intent: Object) -> str:
        session = checkout.complete(self._account, intent)
        return str(session["id"] if session else intent["client_secret"])

    def _after(self, session: Object | None, intent: Object | None, key: str) -> Response:
        if intent and intent["status"] == "requires_action":
            return RedirectResponse(f"/bank/{intent['id']}", 303)
        if session and session["status"] == "complete":
            return RedirectResponse(session["success_url"], 303)
        return self._payment_page(key)

    def _payment_page(self, key: str, error: str = "") -> Response:
        session, intent = self._of(key)
        about = session or intent or {}
        if about["status"] in {"complete", "succeeded"}:
            return _page("You're all done here", "<p>The donation is paid.</p>")
        if about["status"] in {"expired", "canceled"}:
            return _page("Something went wrong", "<p>This payment link has expired.</p>")
        amount = _amount(about.get("amount_total") or about.get("amount"), about["currency"])
        body = f'<p class="error">{escape(error)}</p>' if error else ""
        body += _form(f"/pay/{key}", "card", _CARDS)
        if about.get("cancel_url"):
            body += f'<p><a href="{escape(about["cancel_url"])}">Leave without paying</a></p>'
        return _page(f"Pay {amount}", body)


async def _returned(_: Request) -> Response:
    return _page("Back at the charity", "<p>You may close this window.</p>")


def _form(action: str, name: str, choices: dict[str, str]) -> str:
    buttons = (
        f'<button name="{name}" value="{value}">{escape(text)}</button>'
        for value, text in choices.items()
    )
    return f'<form method="post" action="{escape(action)}">{"".join(buttons)}</form>'


def _amount(amount: object, currency: str) -> str:
    return f"{amount} {currency.upper()} (minor units)"


def _page(title: str, body: str) -> Response:
    return HTMLResponse(_PAGE.format(title=escape(title), body=body))
