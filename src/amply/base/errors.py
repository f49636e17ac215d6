"""The errors that Amply foresees.

AmplyError
├── ConfigurationError      a variable is missing or cannot be used
├── StillClaimed            another attempt holds the row, or died with it: try again later
├── MailUnavailable         the mail was not accepted: send it again
│   └── MailUncertain       it may have been accepted: sent again, it may arrive twice
├── MailRefused             this mail will never be accepted, as its address is invalid
├── WebhookRefused          an event that is not signed by Stripe
├── KeyUsedOtherwise        an idempotency key that another donation has used
└── PaymentError
    ├── PaymentDeclined     the provider's final answer: the donor was not charged or refunded
    └── PaymentUnavailable  the provider gave no final answer: try again
        └── PaymentMisconfigured    it rejects our requests, whoever the donor is
"""


class AmplyError(Exception):
    """The base of the package's errors; their texts may be shown."""


class ConfigurationError(AmplyError):
    """A service cannot start with the environment it was given."""


class StillClaimed(AmplyError):  # noqa: N818 - reads as what happened
    """Another attempt holds the row, so the queue must deliver the message again later."""


class MailUnavailable(AmplyError):  # noqa: N818
    """The provider did not accept the mail; the same one may be sent again."""


class MailUncertain(MailUnavailable):
    """The provider's answer is lost; it may have accepted the mail."""


class MailRefused(AmplyError):  # noqa: N818
    """The provider rejects this mail for good; sending it again is useless."""


class WebhookRefused(AmplyError):  # noqa: N818
    """The signature does not fit the body, is too old, or is not there."""


class KeyUsedOtherwise(AmplyError):  # noqa: N818
    """The idempotency key belongs to a different donation."""


class PaymentError(AmplyError):
    """A charge or a refund did not succeed."""


class PaymentDeclined(PaymentError):  # noqa: N818
    """The provider refused for good; `code` is its machine-readable reason."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Payment declined: {code}")
        self.code = code


class PaymentUnavailable(PaymentError):  # noqa: N818
    """The provider gave no final answer; the same request may be sent again."""


class PaymentMisconfigured(PaymentUnavailable):
    """The provider rejects our requests; people must correct our key, account or code."""
