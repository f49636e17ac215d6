"""The ledger of a month as CSV for accounting: one line for each posting, without donors."""

import csv
from datetime import UTC, datetime
from typing import TextIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from amply.ledger.models import LedgerLine

COLUMNS = ("date", "kind", "posting", "donation_id", "account", "debit", "credit", "currency")


def write_month(session: Session, year: int, month: int, out: TextIO) -> int:
    """Write the lines of a month in UTC, oldest first, and return their number.

    Amounts are in minor units, as in the ledger.
    """
    start = datetime(year, month, 1, tzinfo=UTC)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    lines = session.scalars(
        select(LedgerLine)
        .where(LedgerLine.occurred_at >= start, LedgerLine.occurred_at < end)
        .order_by(LedgerLine.occurred_at, LedgerLine.posting, LedgerLine.amount.desc())
        .execution_options(yield_per=1000)
    )
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    count = 0
    for line in lines:
        debit, credit = max(line.amount, 0), max(-line.amount, 0)
        day = f"{line.occurred_at:%Y-%m-%d}"
        posting = (day, line.kind, line.posting, line.donation_id or "")
        writer.writerow([*posting, line.account, debit or "", credit or "", line.currency])
        count += 1
    return count
