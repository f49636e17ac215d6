"""Errors in the shape of Stripe's: https://docs.stripe.com/api/errors."""


class StripeError(Exception):
    """An error response.

    `fields` are in the `error` object of its body. `begun`: the request was valid and was
    carried out in part.
    """

    begun = False

    def __init__(self, status: int, kind: str, message: str, **fields: object) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "message": message, **fields}}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> StripeError:
    """Return a 400 for an invalid request."""
    fields = {"param": param, "code": code}
    given = {name: value for name, value in fields.items() if value is not None}
    return StripeError(400, "invalid_request_error", message, **given)


def impossible(message: str, *, code: str | None = None) -> StripeError:
    """Return a 400 for a valid request that the object's state does not allow."""
    error = invalid(message, code=code)
    error.begun = True
    return error
