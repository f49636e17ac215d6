"""What can go wrong in ways that we foresee.

AmplyError
├── ConfigurationError      a variable is missing or cannot be used
└── PaymentError
    ├── PaymentDeclined     the provider's last word: the donor was not charged
    └── PaymentUnavailable  the provider gave no last word: ask again with the same key
"""


class AmplyError(Exception):
    """Base of every error that this package raises on purpose; its text is fit to be shown."""


class ConfigurationError(AmplyError):
    """A service cannot start with the environment it was given."""


class PaymentError(AmplyError):
    """A charge did not succeed."""


class PaymentDeclined(PaymentError):  # noqa: N818 - reads as what happened
    """The provider refused the charge for good; `code` is its machine-readable reason."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Payment declined: {code}")
        self.code = code


class PaymentUnavailable(PaymentError):  # noqa: N818
    """Whether the charge was made is not known; the same request may be sent again."""
