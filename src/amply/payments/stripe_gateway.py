"""Stripe: the only file that imports its library."""

import stripe

from amply.errors import PaymentDeclined, PaymentUnavailable
from amply.payments.gateway import Charge

# A task is killed after 90 s: two attempts and the pause between them stay well below that.
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
        try:
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
        except stripe.CardError as error:
            raise PaymentDeclined(_reason(error)) from error
        except stripe.IdempotencyError as error:  # a sibling of ours is at it: do not answer for it
            raise PaymentUnavailable(_told(error)) from error
        except stripe.InvalidRequestError as error:
            raise PaymentDeclined(error.code or "invalid_request") from error
        except stripe.StripeError as error:
            raise PaymentUnavailable(_told(error)) from error
        if intent.status != "succeeded":
            raise PaymentDeclined(intent.status)
        return intent.id


def _reason(error: stripe.CardError) -> str:
    """The bank's reason where Stripe passes it on, else Stripe's."""
    told = error.error and error.error.decline_code
    return told or error.code or "card_declined"


def _told(error: stripe.StripeError) -> str:
    return f"Stripe gave no answer on the charge: {type(error).__name__} (HTTP {error.http_status})"
