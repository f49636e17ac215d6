"""Sums that must hold in the ledger, asked in SQL."""

import logging

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session, sessionmaker

from amply.base import metrics
from amply.donations.models import Donation, Status
from amply.ledger.models import Account, LedgerLine
from amply.reconciliation.differences import count_open

logger = logging.getLogger(__name__)


def faults(session: Session) -> dict[str, list[str]]:
    """Return the broken rules, each with up to ten postings or donations that break it."""
    rules = {
        "a posting does not add up to zero": _unbalanced(),
        "a settled donation is not charged its amount": _not_charged(),
        "a donation is refunded more than it was, or says so wrongly": _wrongly_refunded(),
    }
    broken = {rule: list(session.scalars(query.limit(10))) for rule, query in rules.items()}
    return {rule: names for rule, names in broken.items() if names}


def check_ledger(sessions: sessionmaker[Session]) -> None:
    """Log each broken rule as an error; report their number, and that of open differences."""
    with sessions() as session:
        broken, open_count = faults(session), count_open(session)
    for rule, names in broken.items():
        logger.error("The ledger is wrong: %s", rule, extra={"names": names})
    metrics.gauge("LedgerFaults", len(broken), "Count")
    metrics.gauge("ReconciliationDifferences", open_count, "Count")


def _unbalanced() -> Select[str]:
    total, lines = func.sum(LedgerLine.amount), func.count()
    currencies = func.count(LedgerLine.currency.distinct())
    is_wrong = or_(total != 0, lines != 2, currencies != 1)
    return select(LedgerLine.posting).group_by(LedgerLine.posting).having(is_wrong)


def _not_charged() -> Select[str]:
    settled = Donation.status.in_([Status.SUCCEEDED, Status.REFUNDED])
    charged = _sum_of(Account.DONATIONS)
    return select(Donation.id).where(
        settled, Donation.payment_id.is_not(None), charged != -Donation.amount
    )


def _wrongly_refunded() -> Select[str]:
    total = _sum_of(Account.REFUNDS)
    says_so = and_(Donation.status == Status.REFUNDED, Donation.refund_id.is_not(None))
    return select(Donation.id).where(
        or_(total > Donation.amount, and_(says_so, total != Donation.amount))
    )


def _sum_of(account: Account) -> ColumnElement[int]:
    total = select(func.coalesce(func.sum(LedgerLine.amount), literal(0))).where(
        LedgerLine.donation_id == Donation.id, LedgerLine.account == account
    )
    return total.scalar_subquery()
