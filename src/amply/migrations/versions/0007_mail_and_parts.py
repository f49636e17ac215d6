"""Parts of refunds, attempts at mails, addresses without mail, and mails to staff."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from amply.database.base import Timestamp

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move forward. A release before this one knows none of it, and leaves it alone."""
    can_repeat = op.get_context().dialect.name != "sqlite"  # where it is one transaction
    columns: dict[str, list[sa.Column[Any]]] = {
        "donations": [
            sa.Column("refund_key", sa.String(255)),
            sa.Column("refund_amount", sa.BigInteger),
        ],
        "receipts": [
            sa.Column("attempted_at", Timestamp),
            sa.Column("message_id", sa.String(255)),
            sa.Column("copies", sa.Integer, nullable=False, server_default="0"),
        ],
    }
    for table, added in columns.items():
        for column in added:
            op.add_column(table, column, if_not_exists=can_repeat)
    op.create_table(
        "suppressions",
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("detail", sa.String(64)),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.PrimaryKeyConstraint("address"),
        if_not_exists=True,
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("text", sa.String(2000), nullable=False),
        sa.Column("sent_at", Timestamp),
        sa.Column("queued_at", Timestamp, nullable=False),
        sa.Column("claimed_by", sa.String(64)),
        sa.Column("claimed_until", Timestamp),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
