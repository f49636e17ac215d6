"""All objects of one Stripe account."""

from amply.embedded.stripe.events import Events
from amply.embedded.stripe.objects import cards
from amply.embedded.stripe.objects.collection import Collection, Object

__all__ = ["Account", "Collection", "Object"]


class Account:
    """The collections of one account, and its events."""

    def __init__(self, events: Events) -> None:
        self.events = events
        self.intents = Collection("payment_intent", "pi")
        self.charges = Collection("charge", "ch")
        self.refunds = Collection("refund", "re")
        self.disputes = Collection("dispute", "du")
        self.warnings = Collection("radar.early_fraud_warning", "issfr")
        self.transactions = Collection("balance_transaction", "txn")
        self.payouts = Collection("payout", "po")
        self.sessions = Collection("checkout.session", "cs_test")
        self.intent_data: dict[str, Object] = {}  # of each session, for the intent it will make
        self.payout_of: dict[str, str] = {}  # of each transaction that was paid out

    def find(self, object_id: str) -> Object | None:
        """Return the object of this id, whatever its kind."""
        if object_id in cards.ALL:
            return cards.payment_method(object_id)
        kinds = (value for value in vars(self).values() if isinstance(value, Collection))
        return next((one for kind in kinds if (one := kind.get(object_id))), None)
