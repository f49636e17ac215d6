"""The table of donations."""

import secrets
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from amply.database.base import Base, Timestamp, now


class Status(StrEnum):
    """The states of a donation. It only moves forward, with one exception: `repository`."""

    PENDING = "pending"
    PROCESSING = "processing"
    AWAITING = "awaiting"  # the donor, on a page where they pay
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUNDED = "refunded"


class Flow(StrEnum):
    """The ways in which a donor pays."""

    SAVED = "saved"  # a task charges the payment method that the donor gave
    CHECKOUT = "checkout"  # on Stripe's page
    ELEMENTS = "elements"  # on a page of the charity's own, with Stripe's elements


EXPIRED = "payment_expired"
"""The failure code of a donation whose donor did not pay in time. Ours."""

ABANDONED = "processing_abandoned"
"""The failure code of what no attempt brought to its end, and of which the provider knew nothing.

Ours, where every other code is the provider's. Of a charge, and of a refund.
"""


def new_donation_id() -> str:
    """Return an identifier that cannot be guessed: donors read their donation with it."""
    return f"don_{secrets.token_hex(12)}"


def _refunds_due() -> Index:
    """Return the index of the few donations whose refund is due, the oldest first."""
    is_owed = text(f"status = '{Status.SUCCEEDED}' AND refund_requested_at IS NOT NULL")
    return Index(
        "donations_refund_owed_idx", "updated_at", postgresql_where=is_owed, sqlite_where=is_owed
    )


class Donation(Base):
    """One donor's gift. `amount` is in minor units of `currency` (ISO 4217, upper case).

    `claimed_by` is the attempt that is at work on it, until `claimed_until`; an attempt that ends
    in order sets both to NULL, an attempt that dies does not. `attempts` counts the claims for
    charging, and from the request for a refund on those for refunding; `deaths` those of them that
    died and were taken over; while the donor is awaited, `attempts` counts our looks at Stripe.
    `idempotency_key` is the donor's own: one donation for each. `page_id` is the Checkout session
    or PaymentIntent on whose page the donor pays; `link_sent_at` is when the link to it was mailed,
    because the bank wanted to ask the donor about a charge. `refund_amount` is what staff
    ask to refund, None for all that is left; `refund_key` is their idempotency key for it, kept
    after it was made.
    """

    __tablename__ = "donations"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(
            "status IN ({})".format(", ".join(f"'{status}'" for status in Status)), name="status"
        ),
        Index("donations_created_at_id_idx", "created_at", "id"),  # the order of a listing
        Index("donations_status_updated_at_idx", "status", "updated_at"),  # what is stuck
        Index("donations_payment_id_idx", "payment_id"),  # what a dispute names
        _refunds_due(),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True, default=new_donation_id)
    idempotency_key: Mapped[str | None] = mapped_column(String(255), unique=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    donor_name: Mapped[str | None] = mapped_column(String(200))
    donor_email: Mapped[str] = mapped_column(String(254))
    campaign: Mapped[str | None] = mapped_column(String(64))
    message: Mapped[str | None] = mapped_column(String(1000))
    flow: Mapped[str] = mapped_column(
        String(10), default=Flow.SAVED, server_default=Flow.SAVED.value
    )
    payment_method: Mapped[str | None] = mapped_column(String(255))
    page_id: Mapped[str | None] = mapped_column(String(255))
    link_sent_at: Mapped[datetime | None] = mapped_column(Timestamp)
    status: Mapped[str] = mapped_column(String(10), default=Status.PENDING)
    payment_id: Mapped[str | None] = mapped_column(String(255))
    failure_code: Mapped[str | None] = mapped_column(String(255))
    refund_id: Mapped[str | None] = mapped_column(String(255))
    refund_key: Mapped[str | None] = mapped_column(String(255))
    refund_amount: Mapped[int | None] = mapped_column(BigInteger)
    refund_requested_at: Mapped[datetime | None] = mapped_column(Timestamp)
    refund_failure_code: Mapped[str | None] = mapped_column(String(255))
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None] = mapped_column(Timestamp)
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    deaths: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
    updated_at: Mapped[datetime] = mapped_column(Timestamp, default=now, onupdate=now)
