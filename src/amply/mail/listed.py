"""Mail to listed addresses alone, so that no other environment can write to strangers."""

import logging
from collections.abc import Collection

from amply.mail.mailer import Mail, Mailer

logger = logging.getLogger(__name__)


class ListedMailer:
    """A mailer that passes on mail to a listed address or domain (`@ours.org`) only."""

    def __init__(self, mailer: Mailer, recipients: Collection[str]) -> None:
        self._mailer = mailer
        self._recipients = {recipient.lower() for recipient in recipients}

    def send(self, mail: Mail) -> str | None:
        """See Mailer.send. Drop a mail to anybody else, and log that without the address."""
        address = mail.to.lower()
        if self._recipients.isdisjoint({address, f"@{address.rpartition('@')[2]}"}):
            logger.warning("Mail dropped: not in MAIL_RECIPIENTS", extra={"donation_id": mail.key})
            return None
        return self._mailer.send(mail)
