"""The table of the ledger."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from amply.database.base import Base, Timestamp, now


class Account(StrEnum):
    """The accounts; debits are positive, so that income and what we owe are negative."""

    STRIPE = "stripe"  # our balance at Stripe
    BANK = "bank"  # what Stripe paid out
    DONATIONS = "donations"  # income
    FEES = "fees"  # Stripe's
    REFUNDS = "refunds"
    DISPUTES = "disputes"
    UNASSIGNED = "unassigned"  # charges that are no donation's: to be refunded


class LedgerLine(Base):
    """One half of a posting. The lines of a posting add up to zero in its currency.

    `amount` is in minor units of `currency`. A posting is named by its kind and Stripe's object, so
    that it is made once. Triggers refuse to change or delete a line: an error is corrected by
    another posting. It names no donor.
    """

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ledger_donation_id_idx", "donation_id"),
        Index("ledger_occurred_at_idx", "occurred_at"),  # a month's export
    )

    posting: Mapped[str] = mapped_column(String(300), primary_key=True)
    account: Mapped[str] = mapped_column(String(16), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    kind: Mapped[str] = mapped_column(String(20))
    donation_id: Mapped[str | None] = mapped_column(String(64))
    occurred_at: Mapped[datetime] = mapped_column(Timestamp)  # by Stripe's clock where it says so
    created_at: Mapped[datetime] = mapped_column(Timestamp, default=now)
