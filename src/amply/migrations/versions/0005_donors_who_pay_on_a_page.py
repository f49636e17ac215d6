"""Donations whose donor pays on a page: how, where, and the state in which they are awaited."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from amply.database.base import Timestamp

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATUSES = ("pending", "processing", "awaiting", "succeeded", "failed", "refunded")
_IS_STATUS = "status IN ({})".format(", ".join(f"'{status}'" for status in _STATUSES))
_CHECK = "donations_status_check"


def upgrade() -> None:
    """Upgrade the schema; the previous release ignores donations that are `awaiting`.

    On PostgreSQL each statement is a transaction of its own and may be repeated. Only the last one
    reads rows, and it does not block writes.
    https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
    """
    context = op.get_context()
    if context.dialect.name == "sqlite":
        _rebuild()
        return
    with context.autocommit_block():
        for column in _columns():
            op.add_column("donations", column, if_not_exists=True)
        op.alter_column("donations", "payment_method", nullable=True)
        op.drop_constraint(_CHECK, "donations", if_exists=True)
        op.create_check_constraint("status", "donations", _IS_STATUS, postgresql_not_valid=True)
        op.execute(f"ALTER TABLE donations VALIDATE CONSTRAINT {_CHECK}")


def _rebuild() -> None:
    with op.batch_alter_table("donations") as batch:
        for column in _columns():
            batch.add_column(column)
        batch.alter_column("payment_method", existing_type=sa.String(255), nullable=True)
        batch.drop_constraint(_CHECK)
        batch.create_check_constraint("status", _IS_STATUS)


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("flow", sa.String(10), nullable=False, server_default="saved"),
        sa.Column("page_id", sa.String(255)),
        sa.Column("link_sent_at", Timestamp),
    ]
