"""Indexes of the few rows that the recovery reads: refunds that are due, receipts not sent."""

from contextlib import nullcontext

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OWED = "status = 'succeeded' AND refund_requested_at IS NOT NULL"


def upgrade() -> None:
    """Build the indexes without blocking writes.

    PostgreSQL does so outside of a transaction: an interrupted build may have left an INVALID
    index, so existing ones are rebuilt.
    """
    context = op.get_context()
    is_sqlite = context.dialect.name == "sqlite"  # all in the transaction that holds the lock
    with nullcontext() if is_sqlite else context.autocommit_block():
        _build("donations_refund_owed_idx", "donations", "updated_at", _OWED)
        _build("receipts_unsent_idx", "receipts", "queued_at", "sent_at IS NULL")


def _build(name: str, table: str, column: str, where: str) -> None:
    op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
    predicate = sa.text(where)
    op.create_index(
        name,
        table,
        [column],
        postgresql_where=predicate,
        sqlite_where=predicate,
        postgresql_concurrently=True,
    )
