"""The number of attempts at a donation that died."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Upgrade the schema; the previous release leaves the column at its default."""
    op.add_column("donations", sa.Column("deaths", sa.Integer, nullable=False, server_default="0"))
