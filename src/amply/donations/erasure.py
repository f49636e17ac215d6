"""Erase a donor: overwrite what identifies them, and keep the sums and the books."""

from sqlalchemy import CursorResult, func, update
from sqlalchemy.orm import Session, sessionmaker

from amply.donations.models import Donation
from amply.suppressions.addresses import lift

ERASED_EMAIL = "erased@invalid"
"""No address: https://www.rfc-editor.org/rfc/rfc2606#section-2."""

PERSONAL: dict[str, str | None] = {
    "donor_name": None,
    "donor_email": ERASED_EMAIL,
    "message": None,
    "idempotency_key": None,  # of the donor's choice
}
"""The columns of a donation with what a donor said about themselves, and what erasure leaves there.

`suppressions.address` is the only other column that identifies a donor.
"""


def erase_donor(sessions: sessionmaker[Session], email: str) -> int:
    """Erase the settled donations of an address, in any case, and return their number.

    One that is still in progress is left: it needs its receipt. `suppressions.address`, the only
    other column that identifies a donor, loses its row: nothing is left to mail about. Stripe keeps
    data of its own: https://docs.stripe.com/privacy/data-deletion.
    """
    erased = update(Donation).where(
        func.lower(Donation.donor_email) == email.lower(),
        Donation.status.in_(["succeeded", "failed", "refunded"]),
    )
    with sessions.begin() as session:
        result = session.execute(erased.values(**PERSONAL))
        lift(session, email)
    assert isinstance(result, CursorResult)  # noqa: S101 - what an UPDATE gives
    return result.rowcount
