"""Limits of donations from one address, and of attempts with one card.

They slow down tests of stolen cards:
https://docs.stripe.com/disputes/prevention/card-testing
"""

from typing import Protocol


class Limit(Protocol):
    """A limit of attempts for each subject."""

    def admits(self, subject: str) -> bool:
        """Count an attempt of a subject; return False if it is one too many."""
        ...


class Unlimited:
    """No limit."""

    def admits(self, subject: str) -> bool:  # noqa: ARG002
        """See Limit.admits."""
        return True


UNLIMITED = Unlimited()
