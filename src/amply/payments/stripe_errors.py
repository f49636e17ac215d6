"""Stripe's errors as ours: the card was declined, our account is wrong, or try again.

https://docs.stripe.com/error-handling
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from amply.base.errors import PaymentDeclined, PaymentMisconfigured, PaymentUnavailable

logger = logging.getLogger(__name__)

# The parameters that a donor chooses. Stripe names the one that it rejects.
_OF_THE_DONOR = {"amount", "currency", "payment_method", "customer_email"}
_PRICE = "line_items[0][price_data]"


@contextmanager
def charging_errors() -> Iterator[None]:
    """Raise our errors for Stripe's.

    An invalid request is no decline: a wrong account or key rejects every charge. So it is
    logged as an error and tried again, unless it is about the donor's choice.
    """
    try:
        yield
    except stripe.CardError as error:
        raise PaymentDeclined(_reason(error)) from error
    except stripe.IdempotencyError as error:  # another request holds the key, or used it before
        raise unavailable(error) from error
    except stripe.InvalidRequestError as error:
        code = error.code or "invalid_request"
        if _is_of_the_donor(error.param) or code.startswith("payment_method_"):
            raise PaymentDeclined(code) from error
        raise _misconfigured(error) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise _misconfigured(error) from error
    except stripe.StripeError as error:
        raise unavailable(error) from error


@contextmanager
def refund_errors() -> Iterator[None]:
    """Raise our errors for Stripe's; an invalid request is about this refund, and staff see it."""
    with charging_errors():
        try:
            yield
        except stripe.InvalidRequestError as error:
            raise PaymentDeclined(error.code or "invalid_request") from error


def is_server_error(error: stripe.APIError) -> bool:
    """Return True for a 500, which Stripe keeps under the request's key."""
    return error.http_status is not None and error.http_status >= 500


def unavailable(error: stripe.StripeError) -> PaymentUnavailable:
    """Return the error for an answer that does not say whether the request had an effect."""
    return PaymentUnavailable(f"Stripe gave no final answer: {_kind(error)}")


def _is_of_the_donor(param: str | None) -> bool:
    return param is not None and (param in _OF_THE_DONOR or param.startswith(_PRICE))


def _misconfigured(error: stripe.StripeError) -> PaymentMisconfigured:
    # Not Stripe's text: it may repeat what the donor sent.
    fields = {"code": error.code, "param": getattr(error, "param", None)}
    logger.error("Stripe rejects our requests", extra={**fields, "http_status": error.http_status})
    return PaymentMisconfigured(f"Stripe rejects our requests: {_kind(error)}")


def _kind(error: stripe.StripeError) -> str:
    return f"{type(error).__name__} (HTTP {error.http_status})"


def _reason(error: stripe.CardError) -> str:
    """Return the bank's reason if Stripe has one, else Stripe's."""
    decline_code = error.error and error.error.decline_code
    return decline_code or error.code or "card_declined"
