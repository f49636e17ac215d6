"""${message}"""

import sqlalchemy as sa
from alembic import op

from amply.database.base import Timestamp

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move forward. There is no way back: a release before this one must be able to use it."""
    ${upgrades if upgrades else "pass"}
