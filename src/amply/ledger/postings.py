"""Make postings, each once, and read sums of them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from amply.database.base import now
from amply.ledger.models import Account, LedgerLine


class Kind(StrEnum):
    """The kinds of movements of money."""

    CHARGE = "charge"
    FEE = "fee"
    REFUND = "refund"
    REFUND_FAILURE = "refund_failure"
    DISPUTE = "dispute"
    DISPUTE_REVERSAL = "dispute_reversal"
    PAYOUT = "payout"
    PAYOUT_FAILURE = "payout_failure"
    STRAY_CHARGE = "stray_charge"
    STRAY_REFUND = "stray_refund"


# The account that is debited, and the one that is credited.
_SIDES = {
    Kind.CHARGE: (Account.STRIPE, Account.DONATIONS),
    Kind.FEE: (Account.FEES, Account.STRIPE),
    Kind.REFUND: (Account.REFUNDS, Account.STRIPE),
    Kind.REFUND_FAILURE: (Account.STRIPE, Account.REFUNDS),
    Kind.DISPUTE: (Account.DISPUTES, Account.STRIPE),
    Kind.DISPUTE_REVERSAL: (Account.STRIPE, Account.DISPUTES),
    Kind.PAYOUT: (Account.BANK, Account.STRIPE),
    Kind.PAYOUT_FAILURE: (Account.STRIPE, Account.BANK),
    Kind.STRAY_CHARGE: (Account.STRIPE, Account.UNASSIGNED),
    Kind.STRAY_REFUND: (Account.UNASSIGNED, Account.STRIPE),
}


@dataclass(frozen=True)
class Posting:
    """A movement of money; `amount` in minor units of `currency` (ISO 4217, upper case).

    `source` is the object of Stripe's that caused it: a payment, a refund, a balance transaction. A
    negative amount corrects one that was posted too high.
    """

    kind: Kind
    source: str
    amount: int
    currency: str
    donation_id: str | None = None
    occurred_at: datetime = field(default_factory=now)

    @property
    def name(self) -> str:
        """Return the unique name of the posting."""
        return f"{self.kind} {self.source}"


def post(session: Session, posting: Posting) -> bool:
    """Create a posting in the caller's transaction; return False if it exists."""
    if posting.amount == 0:
        return False
    debit, credit = _SIDES[posting.kind]
    shared = {
        "posting": posting.name,
        "currency": posting.currency,
        "kind": posting.kind,
        "donation_id": posting.donation_id,
        "occurred_at": posting.occurred_at,
        "created_at": now(),
    }
    lines = [
        {**shared, "account": debit, "amount": posting.amount},
        {**shared, "account": credit, "amount": -posting.amount},
    ]
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = (sqlite.insert if is_sqlite else postgresql.insert)(LedgerLine).values(lines)
    once = insert.on_conflict_do_nothing().returning(LedgerLine.posting)
    return len(session.scalars(once).all()) > 0


def posted(session: Session, kind: Kind, source: str) -> int | None:
    """Return the amount of a posting with its corrections; None if nothing was posted."""
    debit, _ = _SIDES[kind]
    name = f"{kind} {source}"
    return session.scalar(
        select(func.sum(LedgerLine.amount)).where(
            LedgerLine.posting.in_([name, f"{name} correction"]), LedgerLine.account == debit
        )
    )


def correct(session: Session, posting: Posting) -> int:
    """Correct a posting to this amount by another one; return the difference, usually 0."""
    before = posted(session, posting.kind, posting.source)
    if before is None:
        post(session, posting)
        return 0
    difference = posting.amount - before
    fields = {**vars(posting), "source": f"{posting.source} correction", "amount": difference}
    post(session, Posting(**fields))
    return difference


def refunded(session: Session, donation_id: str) -> int:
    """Return how much of a donation was refunded, in minor units of its currency."""
    total = select(func.coalesce(func.sum(LedgerLine.amount), 0)).where(
        LedgerLine.donation_id == donation_id, LedgerLine.account == Account.REFUNDS
    )
    return session.scalar(total) or 0


def balances(session: Session, account: Account) -> dict[str, int]:
    """Return the balance of an account in each currency."""
    rows = session.execute(
        select(LedgerLine.currency, func.sum(LedgerLine.amount))
        .where(LedgerLine.account == account)
        .group_by(LedgerLine.currency)
    )
    return {currency: int(amount) for currency, amount in rows}
