"""Suppress an address, lift that, and send no mail to one that is suppressed."""

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import MailRefused
from amply.mail.mailer import Mail, Mailer
from amply.suppressions.models import Reason, Suppression


def suppress(session: Session, address: str, reason: Reason, detail: str | None) -> bool:
    """Suppress an address in the caller's transaction; return False if it was suppressed before."""
    address = address.lower()
    if session.get(Suppression, address) is not None:
        return False
    session.add(Suppression(address=address, reason=reason, detail=detail))
    session.flush()
    return True


def lift(session: Session, address: str) -> bool:
    """Send mail to an address again from now on; return False if it was not suppressed."""
    result = session.execute(delete(Suppression).where(Suppression.address == address.lower()))
    assert isinstance(result, CursorResult)  # noqa: S101 - what a DELETE gives
    return result.rowcount > 0


def suppression_of(session: Session, address: str) -> Suppression | None:
    """Return why an address gets no mail, if it does not."""
    return session.get(Suppression, address.lower())


def suppressed(session: Session) -> list[Suppression]:
    """Return every suppressed address, newest first."""
    return list(session.scalars(select(Suppression).order_by(Suppression.created_at.desc())))


class SuppressingMailer:
    """Hands on mail, but none to a suppressed address: SES pauses who sends to those again.

    https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html
    """

    def __init__(self, mailer: Mailer, sessions: sessionmaker[Session]) -> None:
        self._mailer = mailer
        self._sessions = sessions

    def send(self, mail: Mail) -> str | None:
        """See Mailer.send."""
        with self._sessions() as session:
            suppression = suppression_of(session, mail.to)
        if suppression is not None:
            raise MailRefused(f"The address is suppressed: {suppression.reason}")
        return self._mailer.send(mail)
