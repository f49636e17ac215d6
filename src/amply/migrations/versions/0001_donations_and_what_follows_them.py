"""Donations, and their messages, receipts and events; keys of staff."""

import sqlalchemy as sa
from alembic import op

from amply.database.base import Timestamp

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Upgrade the schema. There is no downgrade: the previous release must be able to use it."""
    _donations()
    _outbox()
    _receipts()
    _stripe_events()
    _api_keys()


def _donations() -> None:
    op.create_table(
        "donations",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("idempotency_key", sa.String(255)),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("donor_name", sa.String(200)),
        sa.Column("donor_email", sa.String(254), nullable=False),
        sa.Column("campaign", sa.String(64)),
        sa.Column("message", sa.String(1000)),
        sa.Column("payment_method", sa.String(255), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("payment_id", sa.String(255)),
        sa.Column("failure_code", sa.String(255)),
        sa.Column("refund_id", sa.String(255)),
        sa.Column("refund_requested_at", Timestamp),
        sa.Column("refund_failure_code", sa.String(255)),
        sa.Column("claimed_by", sa.String(64)),
        sa.Column("claimed_until", Timestamp),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.Column("updated_at", Timestamp, nullable=False),
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.CheckConstraint(
            "status IN ('pending', 'processing', 'succeeded', 'failed', 'refunded')", name="status"
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("idempotency_key"),
    )
    op.create_index("donations_created_at_id_idx", "donations", ["created_at", "id"])
    op.create_index("donations_status_updated_at_idx", "donations", ["status", "updated_at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("task", sa.String(255), nullable=False),
        sa.Column("arguments", sa.JSON, nullable=False),
        sa.Column("request_id", sa.String(64)),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("outbox_created_at_idx", "outbox", ["created_at"])


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("donation_id", sa.String(64), nullable=False),
        sa.Column("sent_at", Timestamp),
        sa.Column("queued_at", Timestamp, nullable=False),
        sa.Column("claimed_by", sa.String(64)),
        sa.Column("claimed_until", Timestamp),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.PrimaryKeyConstraint("donation_id"),
        sa.ForeignKeyConstraint(["donation_id"], ["donations.id"]),
    )


def _stripe_events() -> None:
    op.create_table(
        "stripe_events",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("type", sa.String(255), nullable=False),
        sa.Column("received_at", Timestamp, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.Column("revoked_at", Timestamp),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
