"""Events, and their delivery to a webhook: https://docs.stripe.com/webhooks.

Stripe delivers some seconds after the fact and tries for three days; this one tries five times,
after 1, 2, 4, 8 and 16 seconds.
"""

import asyncio
import hmac
import json
import logging
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from amply.embedded.stripe.objects.collection import Collection

logger = logging.getLogger("amply.embedded.stripe")

Event = dict[str, Any]

WEBHOOK_SECRET = "whsec_embedded"  # noqa: S105 - where STRIPE_WEBHOOK_SECRET gives no other

_PAUSES_SECONDS = (1, 2, 4, 8, 16)
_TIMEOUT_SECONDS = 10


ENABLED_EVENTS = frozenset(
    {
        "charge.dispute.closed",
        "charge.dispute.created",
        "charge.dispute.funds_reinstated",
        "charge.dispute.funds_withdrawn",
        "charge.refunded",
        "checkout.session.expired",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "payout.failed",
        "payout.paid",
        "radar.early_fraud_warning.created",
        "refund.created",
        "refund.failed",
    }
)
"""The events that Amply's endpoint is registered for: docs/how-to/deploy-to-aws.md."""


@dataclass(frozen=True)
class Webhook:
    """The address that gets events, and the secret (`whsec_…`) that signs them."""

    url: str
    secret: str
    events: frozenset[str] = ENABLED_EVENTS

    def deliver(self, event: Event) -> None:
        """Send an event once. Raise OSError unless the answer is a 2xx."""
        body = json.dumps(event).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, self.secret, int(time.time())),
        }
        request = urllib.request.Request(self.url, body, headers)  # noqa: S310 - the URL is ours
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS):  # noqa: S310
            pass


def signature(body: bytes, secret: str, timestamp: int) -> str:
    """Return the header Stripe-Signature: https://docs.stripe.com/webhooks/signature."""
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, sha256).hexdigest()
    return f"t={timestamp},v1={signed}"


class Events:
    """All events of one stand-in, and the deliveries in progress."""

    def __init__(self, webhook: Webhook | None) -> None:
        self._webhook = webhook
        self.kept = Collection("event", "evt")
        self._under_way: set[asyncio.Task[None]] = set()

    def tell(self, kind: str, about: dict[str, Any]) -> None:
        """Store an event with the object's current state, and deliver it."""
        event = self.kept.add(
            api_version="2026-10-28.endive",
            data={"object": json.loads(json.dumps(about))},
            livemode=False,
            pending_webhooks=int(self._is_enabled(kind)),
            request={"id": None, "idempotency_key": None},
            type=kind,
        )
        self._deliver_soon(event)

    def retry(self, event_id: str) -> Event:
        """Deliver an event again, as `stripe events resend` does."""
        event = self.kept.retrieve(event_id)
        self._deliver_soon(event)
        return event

    def _is_enabled(self, kind: str) -> bool:
        return self._webhook is not None and kind in self._webhook.events

    def _deliver_soon(self, event: Event) -> None:
        if self._webhook is None or not self._is_enabled(event["type"]):
            return
        task = asyncio.create_task(self._deliver(self._webhook, event))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _deliver(self, webhook: Webhook, event: Event) -> None:
        reason = ""
        for pause in _PAUSES_SECONDS:
            await asyncio.sleep(pause)
            try:
                await asyncio.to_thread(webhook.deliver, event)
                return
            except OSError as error:
                reason = str(error)
        logger.warning("Event not delivered", extra={"event_id": event["id"], "reason": reason})
