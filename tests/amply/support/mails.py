"""A mailer in memory, and a receipt that is owed, for tests of the tasks."""

from sqlalchemy.orm import Session, sessionmaker

from amply.database.leases import Attempt
from amply.donations.models import Status
from amply.donations.receipt import Receipt
from amply.mail.mailer import Mail, Mailer
from amply.receipts.tasks import send_receipt
from tests.amply.support.stripe.gateways import take

Sessions = sessionmaker[Session]


class MemoryMailer:
    """Remembers mails, and fails or waits as it is told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.mails: list[Mail] = []
        self.error = error

    def send(self, mail: Mail) -> None:
        self.mails.append(mail)
        if self.error:
            raise self.error


def owe(sessions: Sessions, **fields: object) -> None:
    fields = {"donor_name": "Ada King", "message": "For Charles", **fields}
    take(sessions, Status.SUCCEEDED, **fields)
    with sessions.begin() as session:
        session.add(Receipt(donation_id="don_1"))


def send(sessions: Sessions, mailer: Mailer) -> None:
    send_receipt(sessions, mailer, "don_1", Attempt(60))


def sent(sessions: Sessions) -> bool:
    with sessions() as session:
        return session.get_one(Receipt, "don_1").sent_at is not None
