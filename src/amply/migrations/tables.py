"""Imports of all models, which register their tables with the metadata."""

from amply.database.base import Base
from amply.donations import models as donations
from amply.donations import receipt as receipts
from amply.keys import models as keys
from amply.ledger import models as ledger
from amply.notices import models as notices
from amply.outbox import models as outbox
from amply.reconciliation import models as reconciliation
from amply.suppressions import models as suppressions
from amply.webhooks import models as webhooks

__all__ = [
    "METADATA",
    "donations",
    "keys",
    "ledger",
    "notices",
    "outbox",
    "receipts",
    "reconciliation",
    "suppressions",
    "webhooks",
]

METADATA = Base.metadata
