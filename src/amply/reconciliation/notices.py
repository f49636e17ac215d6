"""Mails to staff about disputes."""

from sqlalchemy.orm import Session

from amply.base.money import written
from amply.notices.tasks import announce
from amply.payments.records import DisputeRecord

_PAYMENTS = "https://dashboard.stripe.com/payments"


def announce_dispute(
    session: Session, record: DisputeRecord, donation_id: str | None, event: str
) -> None:
    """Leave a mail that a dispute was opened, won, lost or otherwise closed."""
    facts = {
        "Amount": written(record.amount, record.currency),
        "Reason": record.reason,
        "Status": record.status,
        "Answer by": f"{record.respond_by:%Y-%m-%d %H:%M} UTC" if record.respond_by else None,
        "Donation": donation_id or "not in the database",
        "Dispute": record.id,
        "Payment": f"{_PAYMENTS}/{record.payment_id}",
    }
    lines = [f"{name + ':':<11}{value}" for name, value in facts.items() if value]
    text = "\n".join(["A donor's bank asks for a donation back.", "", *lines, ""])
    announce(session, f"{record.id}-{event}", f"Dispute {event}: {facts['Amount']}", text)
