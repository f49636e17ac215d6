"""The statements that move a donation forward.

    pending ──▶ processing ──▶ succeeded
                          └──▶ failed

The state is guarded in SQL: a statement names the states it may leave, and changes no row when the
donation is in another, whatever its caller believed.
"""

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from amply.donations.models import Donation, Status


def claim(session: Session, donation_id: str) -> Donation | None:
    """Take the donation for charging; None when there is none or it has come to its end.

    A donation that is already in processing is taken again: its task was delivered anew because
    the first one died. The provider's idempotency key makes of both charges one.
    """
    claimed = update(Donation).where(
        Donation.id == donation_id, Donation.status.in_([Status.PENDING, Status.PROCESSING])
    )
    return session.scalar(claimed.values(status=Status.PROCESSING).returning(Donation))


def settle(
    session: Session,
    donation_id: str,
    status: Status,
    *,
    payment_id: str | None = None,
    failure_code: str | None = None,
) -> bool:
    """End the processing of a donation; False when someone else has done so already."""
    settled = update(Donation).where(
        Donation.id == donation_id, Donation.status == Status.PROCESSING
    )
    result = session.execute(
        settled.values(status=status, payment_id=payment_id, failure_code=failure_code)
    )
    assert isinstance(result, CursorResult)  # noqa: S101 - what an UPDATE gives
    return result.rowcount == 1
