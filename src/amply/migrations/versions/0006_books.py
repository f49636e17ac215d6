"""The ledger, disputes, reconciliations and their differences, and scopes of staff keys."""

import sqlalchemy as sa
from alembic import op

from amply.database.base import Timestamp

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SETTLED = "status IN ('succeeded', 'refunded') AND payment_id IS NOT NULL"
_REFUSAL = "lines of the ledger are neither changed nor deleted"


def upgrade() -> None:
    """Upgrade the schema; the previous release does not use the new tables."""
    _ledger()
    _take_in_donations()
    _refuse_changes()
    _disputes()
    _reconciliations()
    _differences()
    can_repeat = op.get_context().dialect.name != "sqlite"  # where it is one transaction
    scope = sa.Column("scope", sa.String(10), nullable=False, server_default="refund")
    op.add_column("api_keys", scope, if_not_exists=can_repeat)  # what every key could do until now
    op.add_column("api_keys", sa.Column("expires_at", Timestamp), if_not_exists=can_repeat)


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("posting", sa.String(300), nullable=False),
        sa.Column("account", sa.String(16), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("donation_id", sa.String(64)),
        sa.Column("occurred_at", Timestamp, nullable=False),
        sa.Column("created_at", Timestamp, nullable=False),
        sa.PrimaryKeyConstraint("posting", "account"),
        if_not_exists=True,
    )
    op.create_index("ledger_donation_id_idx", "ledger", ["donation_id"], if_not_exists=True)
    op.create_index("ledger_occurred_at_idx", "ledger", ["occurred_at"], if_not_exists=True)


def _take_in_donations() -> None:
    """Post the existing charges; a reconciliation adds their fees and refunds."""
    for account, sign in (("stripe", ""), ("donations", "-")):
        op.execute(
            "INSERT INTO ledger (posting, account, amount, currency, kind, donation_id,"  # noqa: S608 - constants
            " occurred_at, created_at)"
            f" SELECT 'charge ' || payment_id, '{account}', {sign}amount, currency, 'charge', id,"
            f" created_at, CURRENT_TIMESTAMP FROM donations WHERE {_SETTLED} ON CONFLICT DO NOTHING"
        )


def _refuse_changes() -> None:
    if op.get_context().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER IF NOT EXISTS ledger_no_{change.lower()} BEFORE {change} ON ledger"
                f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE OR REPLACE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger"
        " FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()"
    )


def _disputes() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("donation_id", sa.String(64)),
        sa.Column("payment_id", sa.String(255)),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("respond_by", Timestamp),
        sa.Column("opened_at", Timestamp, nullable=False),
        sa.Column("updated_at", Timestamp, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index("disputes_donation_id_idx", "disputes", ["donation_id"], if_not_exists=True)


def _reconciliations() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("since", Timestamp, nullable=False),
        sa.Column("resource", sa.String(32), nullable=False),
        sa.Column("after", sa.String(255)),
        sa.Column("objects", sa.Integer, nullable=False),
        sa.Column("repairs", sa.Integer, nullable=False),
        sa.Column("started_at", Timestamp, nullable=False),
        sa.Column("ended_at", Timestamp),
        sa.PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )


def _differences() -> None:
    op.create_table(
        "differences",
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("source", sa.String(255), nullable=False),
        sa.Column("donation_id", sa.String(64)),
        sa.Column("amount", sa.BigInteger),
        sa.Column("currency", sa.String(3)),
        sa.Column("found_at", Timestamp, nullable=False),
        sa.Column("resolved_at", Timestamp),
        sa.PrimaryKeyConstraint("kind", "source"),
        if_not_exists=True,
    )
