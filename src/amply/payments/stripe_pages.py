"""Stripe's Checkout sessions, and PaymentIntents for Stripe's elements.

https://docs.stripe.com/payments/checkout
https://docs.stripe.com/payments/accept-a-payment?platform=web&ui=elements
"""

import logging
import secrets
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlencode

import stripe

from amply.base.errors import PaymentMisconfigured
from amply.payments.pages import Order, Page, PageState
from amply.payments.stripe_errors import charging_errors, is_server_error
from amply.payments.stripe_requests import STATEMENT_SUFFIX, intent_params

_PRODUCT = "Donation"  # what the donor reads on the page, above the amount
_INTENT = "pi_"
_WRONG_STATE = "payment_intent_unexpected_state"
_CHECKOUT_STATES = {"open": PageState.OPEN, "expired": PageState.ENDED, "complete": PageState.PAID}

Answer = TypeVar("Answer")

logger = logging.getLogger(__name__)


class StripePages:
    """Payment pages at Stripe, which handles the bank's questions. Donors return to
    `return_url`.
    """

    def __init__(self, client: stripe.StripeClient, return_url: str | None) -> None:
        self._client = client
        self._return_url = return_url

    def open_checkout(self, order: Order) -> Page:
        """See DonorPages.open_checkout. Stripe ends a session after 24 hours."""
        if self._return_url is None:
            logger.error("RETURN_URL is not set, so no donor can pay on Stripe's page")
            raise PaymentMisconfigured("RETURN_URL: not set, and Stripe's page needs it")
        params = _session_params(order, self._return_url)
        create = self._client.v1.checkout.sessions.create
        session = _once(order.key, lambda key: create(params, {"idempotency_key": key}))
        return _page_of_session(session)

    def open_elements(self, order: Order) -> Page:
        """See DonorPages.open_elements. Stripe keeps the intent until it is paid or canceled."""
        params = intent_params(order.donation_id, order.amount, order.currency)
        create = self._client.v1.payment_intents.create
        intent = _once(order.key, lambda key: create(params, {"idempotency_key": key}))
        return _page_of_intent(intent)

    def read(self, page_id: str) -> Page:
        """See DonorPages.read."""
        with charging_errors():
            if page_id.startswith(_INTENT):
                return _page_of_intent(self._client.v1.payment_intents.retrieve(page_id))
            return _page_of_session(self._client.v1.checkout.sessions.retrieve(page_id))

    def close(self, page_id: str) -> Page:
        """See DonorPages.close. A session that Stripe does not expire is paid or has ended."""
        try:
            if page_id.startswith(_INTENT):
                self._client.v1.payment_intents.cancel(page_id)
            else:
                self._client.v1.checkout.sessions.expire(page_id)
        except stripe.InvalidRequestError:
            pass
        except stripe.StripeError:
            with charging_errors():
                raise
        return self.read(page_id)


def _once(key: str, create: Callable[[str], Answer]) -> Answer:
    """Create an object under a key, or under a second key if Stripe repeats a 500 for the first.

    Nobody ever sees the first object, if it exists.
    https://docs.stripe.com/api/idempotent_requests
    """
    with charging_errors():
        try:
            return create(key)
        except stripe.APIError as error:
            if not is_server_error(error):
                raise
            ending = secrets.token_hex(4)  # pragma: no mutate - a choice
            return create(f"{key}-{ending}")


def _session_params(order: Order, return_url: str) -> "stripe.params.checkout.SessionCreateParams":
    metadata = {"donation_id": order.donation_id}
    separator = "&" if "?" in return_url else "?"
    back = f"{return_url}{separator}{urlencode({'donation': order.donation_id})}"
    return {
        "mode": "payment",
        "submit_type": "donate",
        "line_items": [
            {
                "price_data": {
                    "currency": order.currency.lower(),
                    "unit_amount": order.amount,
                    "product_data": {"name": _PRODUCT},
                },
                "quantity": 1,
            }
        ],
        "customer_email": order.donor_email,
        "metadata": metadata,
        "payment_intent_data": {
            "metadata": metadata,
            "statement_descriptor_suffix": STATEMENT_SUFFIX,
        },
        "allowed_payment_method_types": ["card"],
        "success_url": back,
        "cancel_url": f"{back}&left=1",
    }


def _page_of_session(session: stripe.checkout.Session) -> Page:
    state = _CHECKOUT_STATES[session.status or "open"]
    if state is PageState.PAID and session.payment_status != "paid":
        state = PageState.OPEN  # the donor is done, and the money is on its way
    intent = session.payment_intent
    payment_id = intent.id if isinstance(intent, stripe.PaymentIntent) else intent
    return Page(session.id, state, payment_id, url=session.url)


def _page_of_intent(intent: stripe.PaymentIntent) -> Page:
    match intent.status:
        case "succeeded":
            return Page(intent.id, PageState.PAID, intent.id)
        case "canceled":
            return Page(intent.id, PageState.ENDED, intent.id)
    return Page(intent.id, PageState.OPEN, intent.id, client_secret=intent.client_secret)
