"""Stripe: with `stripe_webhooks`, the only file that imports its library."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from amply.errors import PaymentDeclined, PaymentUnavailable
from amply.payments.gateway import Charge, Refund

# Two attempts and the pause between them stay well below LONGEST_TASK_SECONDS, which ends a task.
_TIMEOUT_SECONDS = 20
_RETRIES = 1


class StripeGateway:
    """Charges by PaymentIntents, made and confirmed in one call.

    https://docs.stripe.com/api/payment_intents/create
    """

    def __init__(self, secret_key: str, api_base: str | None = None) -> None:
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base} if api_base else {},
            max_network_retries=_RETRIES,
            http_client=stripe.RequestsClient(timeout=_TIMEOUT_SECONDS),
        )

    def charge(self, charge: Charge) -> str:
        """See PaymentGateway.charge; the donation's id is Stripe's idempotency key."""
        with _errors_told():
            intent = self._client.v1.payment_intents.create(
                {
                    "amount": charge.amount,
                    "currency": charge.currency.lower(),
                    "payment_method": charge.payment_method,
                    "allowed_payment_method_types": ["card"],
                    "confirm": True,
                    # The donor is gone by now: a bank that wants to ask them something declines.
                    "error_on_requires_action": True,
                    "metadata": {"donation_id": charge.donation_id},
                },
                {"idempotency_key": charge.donation_id},
            )
        if intent.status == "processing":
            raise PaymentUnavailable("Stripe is still at the charge")
        if intent.status != "succeeded":
            raise PaymentDeclined(intent.status)
        return intent.id

    def find(self, donation_id: str) -> str | None:
        """See PaymentGateway.find; Stripe's search lags up to a minute behind.

        https://docs.stripe.com/search#data-freshness
        """
        try:
            found = self._client.v1.payment_intents.search(
                {"query": f"metadata['donation_id']:'{donation_id}'", "limit": 100}
            )
        except stripe.StripeError as error:  # a search that is refused says nothing of the donor
            raise PaymentUnavailable(_told(error)) from error
        by_status = {intent.status: intent.id for intent in found.data}
        if "processing" in by_status:
            raise PaymentUnavailable("Stripe is still at the charge")
        return by_status.get("succeeded")

    def refund(self, refund: Refund) -> str | None:
        """See PaymentGateway.refund; a payment that was given back by other hands is no error.

        Stripe answers a key alike for a day, refusals included, so each request of staff's has one
        of its own; two refunds can't come of it, for each is the whole payment. One that is
        `pending` counts as made: should it fail after all, Stripe tells `refund.failed`.
        https://docs.stripe.com/refunds#failed-refunds
        """
        about = {"donation_id": refund.donation_id}
        key = f"refund-{refund.donation_id}-{refund.requested_at:%Y%m%dT%H%M%S.%f}"
        with _errors_told():
            try:
                made = self._client.v1.refunds.create(
                    {"payment_intent": refund.payment_id, "metadata": about},
                    {"idempotency_key": key},
                )
            except stripe.InvalidRequestError as error:
                if error.code != "charge_already_refunded":
                    raise
                return None
        if made.status in {"failed", "canceled"}:
            raise PaymentDeclined(made.failure_reason or str(made.status))
        return made.id


@contextmanager
def _errors_told() -> Iterator[None]:
    """Tell apart what Stripe refuses for good and what it did not answer."""
    try:
        yield
    except stripe.CardError as error:
        raise PaymentDeclined(_reason(error)) from error
    except stripe.IdempotencyError as error:  # a sibling of ours is at it: do not answer for it
        raise PaymentUnavailable(_told(error)) from error
    except stripe.InvalidRequestError as error:
        raise PaymentDeclined(error.code or "invalid_request") from error
    except stripe.StripeError as error:
        raise PaymentUnavailable(_told(error)) from error


def _reason(error: stripe.CardError) -> str:
    """The bank's reason where Stripe passes it on, else Stripe's."""
    told = error.error and error.error.decline_code
    return told or error.code or "card_declined"


def _told(error: stripe.StripeError) -> str:
    return f"Stripe gave no last word: {type(error).__name__} (HTTP {error.http_status})"
