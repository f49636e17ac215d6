"""What can go wrong in ways that we foresee.

AmplyError
├── ConfigurationError      a variable is missing or cannot be used
├── StillClaimed            another attempt is at it, or died at it: come back later
├── MailUnavailable         the mail was not accepted: send it again
├── MailRefused             this mail will never be accepted, as its address is invalid
├── WebhookRefused          what was sent in Stripe's name is not Stripe's
├── KeyUsedOtherwise        an idempotency key came with another donation before
└── PaymentError
    ├── PaymentDeclined     the provider's last word: the donor was not charged or refunded
    └── PaymentUnavailable  the provider gave no final answer: try again
        └── PaymentMisconfigured    it rejects our requests, whoever the donor is
"""


class AmplyError(Exception):
    """Base of every error that this package raises on purpose; its text is fit to be shown."""


class ConfigurationError(AmplyError):
    """A service cannot start with the environment it was given."""


class StillClaimed(AmplyError):  # noqa: N818 - reads as what happened
    """The queue is to deliver the message again: by then the other attempt is done or dead."""


class MailUnavailable(AmplyError):  # noqa: N818
    """Whether the mail was sent is not known; the same one may be sent again."""


class MailRefused(AmplyError):  # noqa: N818
    """The provider rejects this mail for good; sending it again is useless."""


class WebhookRefused(AmplyError):  # noqa: N818
    """The signature does not fit the body, is too old, or is not there."""


class KeyUsedOtherwise(AmplyError):  # noqa: N818
    """The idempotency key stands for a donation that is not this one."""


class PaymentError(AmplyError):
    """A charge or a refund did not succeed."""


class PaymentDeclined(PaymentError):  # noqa: N818
    """The provider refused for good; `code` is its machine-readable reason."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Payment declined: {code}")
        self.code = code


class PaymentUnavailable(PaymentError):  # noqa: N818
    """It is unknown whether the request was carried out; it may be sent again."""


class PaymentMisconfigured(PaymentUnavailable):
    """The provider rejects our requests; people must correct our key, account or code."""
