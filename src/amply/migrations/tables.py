"""Imports of all models, which register their tables with the metadata."""

from amply.database.base import Base
from amply.donations import models as donations
from amply.donations import receipt as receipts
from amply.keys import models as keys
from amply.ledger import models as ledger
from amply.outbox import models as outbox
from amply.reconciliation import models as reconciliation
from amply.webhooks import models as webhooks

__all__ = [
    "METADATA",
    "donations",
    "keys",
    "ledger",
    "outbox",
    "receipts",
    "reconciliation",
    "webhooks",
]

METADATA = Base.metadata
