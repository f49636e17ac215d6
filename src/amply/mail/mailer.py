"""The interface of a mailer."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Mail:
    """A plain-text mail. Two with the same `key` are the same mail."""

    key: str
    to: str
    subject: str
    text: str


class Mailer(Protocol):
    """Delivers mail."""

    def send(self, mail: Mail) -> str | None:
        """Hand the mail over, and return the provider's id of it, if it has one.

        Raise MailUnavailable if it was not accepted and can be sent again, its subclass
        MailUncertain if the answer is lost, MailRefused if it will never be accepted.
        """
        ...


class LogMailer:
    """A mailer that sends nothing; the caller logs that a receipt was sent."""

    def send(self, mail: Mail) -> None:
        """Do nothing; the content of mails is not logged."""
