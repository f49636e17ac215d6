"""An index of donations by payment: disputes name nothing else."""

from contextlib import nullcontext

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INDEX = "donations_payment_id_idx"


def upgrade() -> None:
    """Build the index without blocking writes, as revision 0003 does."""
    context = op.get_context()
    with nullcontext() if context.dialect.name == "sqlite" else context.autocommit_block():
        op.drop_index(_INDEX, "donations", if_exists=True, postgresql_concurrently=True)
        op.create_index(_INDEX, "donations", ["payment_id"], postgresql_concurrently=True)
