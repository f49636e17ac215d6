"""Stripe's PaymentIntents and refunds: https://docs.stripe.com/api/payment_intents."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import stripe

from amply.base.errors import PaymentDeclined, PaymentUnavailable
from amply.payments.gateway import KEY_IS_REMEMBERED, Charge, Payment, Refund, RefundMade
from amply.payments.stripe_errors import (
    charging_errors,
    is_server_error,
    refund_errors,
    unavailable,
)
from amply.payments.stripe_requests import intent_params

if TYPE_CHECKING:
    from stripe.params import RefundCreateParams

_WRONG_STATE = "payment_intent_unexpected_state"
# What `find` prefers: the donor's money first.
_ORDER = ("succeeded", "processing", "requires_confirmation", "requires_payment_method")


class StripeGateway:
    """Charges with PaymentIntents that are created first and confirmed later."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client

    def open(self, charge: Charge) -> Payment:
        """See PaymentGateway.open; the donation's id is Stripe's idempotency key.

        Stripe repeats the first answer to a key for a day, a 500 included. A later attempt that is
        answered so uses a key of its own: an intent that nobody confirms costs nothing.
        https://docs.stripe.com/api/idempotent_requests
        """
        with charging_errors():
            try:
                return self._create(charge, charge.donation_id)
            except stripe.APIError as error:
                if charge.attempt == 1 or not is_server_error(error):
                    raise
                return self._create(charge, f"{charge.donation_id}-{charge.attempt}")

    def _create(self, charge: Charge, key: str) -> Payment:
        params = intent_params(charge.donation_id, charge.amount, charge.currency)
        intent = self._client.v1.payment_intents.create(
            {**params, "payment_method": charge.payment_method, "expand": ["payment_method"]},
            {"idempotency_key": key},
        )
        method = intent.payment_method
        card = method.card if isinstance(method, stripe.PaymentMethod) else None
        return Payment(intent.id, card.fingerprint if card else None)

    def find(self, donation_id: str) -> str | None:
        """See PaymentGateway.find; Stripe's search lags up to a minute behind.

        https://docs.stripe.com/search#data-freshness
        """
        try:
            intents = self._client.v1.payment_intents.search(
                {
                    "query": f"metadata['donation_id']:'{donation_id}'",
                    "limit": 100,  # Stripe's most; pragma: no mutate - or fewer
                }
            )
        except stripe.StripeError as error:  # a rejected search says nothing about the donor
            raise unavailable(error) from error
        by_status = {intent.status: intent.id for intent in intents.data}
        return next((by_status[status] for status in _ORDER if status in by_status), None)

    def confirm(self, payment_id: str) -> None:
        """See PaymentGateway.confirm. An intent that was confirmed before is read instead."""
        with charging_errors():
            try:
                intent = self._client.v1.payment_intents.confirm(
                    # The donor is gone: a bank that wants to ask them declines with BANK_ASKS.
                    payment_id,
                    {"error_on_requires_action": True},
                )
            except stripe.InvalidRequestError as error:
                if error.code != _WRONG_STATE:
                    raise
                intent = self._client.v1.payment_intents.retrieve(payment_id)
        _raise_unless_charged(intent)

    def cancel(self, payment_id: str) -> bool:
        """See PaymentGateway.cancel."""
        with charging_errors():
            try:
                intent = self._client.v1.payment_intents.cancel(payment_id)
            except stripe.InvalidRequestError as error:
                if error.code != _WRONG_STATE:
                    raise
                intent = self._client.v1.payment_intents.retrieve(payment_id)
        if intent.status not in {"succeeded", "canceled"}:
            raise PaymentUnavailable(f"Stripe does not cancel a payment that is {intent.status}")
        return intent.status == "canceled"

    def refund(self, refund: Refund) -> RefundMade | None:
        """See PaymentGateway.refund.

        Stripe repeats its answer to a key for a day, refusals included, so each request of staff
        has its own. It repeats a 500 as well: a later attempt that is answered so uses another key
        for the whole, which cannot be refunded twice. A part keeps its key, and is looked for by it
        in the metadata once the key may be forgotten. A `pending` refund counts as made: if it
        fails later, Stripe sends `refund.failed`.
        https://docs.stripe.com/refunds#failed-refunds
        """
        key = f"refund-{refund.donation_id}-{refund.requested_at:%Y%m%dT%H%M%S.%f}"
        params: RefundCreateParams = {
            "payment_intent": refund.payment_id,
            "metadata": {"donation_id": refund.donation_id, "request": key},
        }
        if refund.amount is not None:
            params["amount"] = refund.amount
        with refund_errors():
            try:
                result = self._earlier_refund(refund, key) or self._refund(refund, params, key)
            except stripe.InvalidRequestError as error:
                if error.code != "charge_already_refunded":
                    raise
                return None
        if result.status in {"failed", "canceled"}:
            raise PaymentDeclined(result.failure_reason or str(result.status))
        return RefundMade(result.id, result.amount)

    def _earlier_refund(self, refund: Refund, key: str) -> stripe.Refund | None:
        age = datetime.now(UTC) - refund.requested_at
        if refund.amount is None or age < KEY_IS_REMEMBERED:  # pragma: no mutate - to the moment
            return None
        of_it = self._client.v1.refunds.list({"payment_intent": refund.payment_id})
        by_key = {_key_of(one): one for one in of_it.auto_paging_iter()}
        return by_key.get(key)

    def _refund(self, refund: Refund, params: "RefundCreateParams", key: str) -> stripe.Refund:
        create = self._client.v1.refunds.create
        try:
            return create(params, {"idempotency_key": key})
        except stripe.APIError as error:
            if refund.attempt == 1 or refund.amount is not None or not is_server_error(error):
                raise
            return create(params, {"idempotency_key": f"{key}-{refund.attempt}"})


def _key_of(refund: stripe.Refund) -> str | None:
    metadata = refund.metadata
    return metadata["request"] if metadata is not None and "request" in metadata else None


def _raise_unless_charged(intent: stripe.PaymentIntent) -> None:
    match intent.status:
        case "succeeded":
            return
        case "processing" | "requires_confirmation":
            raise PaymentUnavailable(f"Stripe has not charged yet: {intent.status}")
    error = intent.last_payment_error
    raise PaymentDeclined((error and (error.decline_code or error.code)) or intent.status)
