"""The route for Stripe's events: https://docs.stripe.com/webhooks."""

import asyncio
import logging
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Request, Response
from sqlalchemy.exc import IntegrityError

from amply.api.http.problems import documented
from amply.api.http.resources import Shared
from amply.base.errors import WebhookRefused
from amply.payments.events import Event
from amply.webhooks.handling import handle

logger = logging.getLogger(__name__)

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


@router.post("/stripe", status_code=204, responses=documented(400, 413, 422, 503))
async def receive_stripe_event(
    request: Request,
    resources: Shared,
    stripe_signature: Annotated[str, Header(max_length=1000)],
) -> Response:
    """Accept an event that Stripe has signed. A repeated one changes nothing."""
    body = await request.body()
    secret = resources.settings.stripe_webhook_secret
    if secret is None:
        raise HTTPException(400, "STRIPE_WEBHOOK_SECRET: not set, so no signature can be checked")
    try:
        event = await asyncio.to_thread(
            _read_event,
            body,
            stripe_signature,
            secret.get_secret_value(),
            live=resources.settings.takes_live_payments,
        )
    except WebhookRefused as refused:
        logger.warning("Event refused", extra={"reason": str(refused)})
        raise HTTPException(400, str(refused)) from refused
    fields = {"event_id": event.id, "event": event.type, "donation_id": event.donation_id}
    try:
        async with resources.sessions.begin() as session:
            message = await session.run_sync(handle, event)
    except IntegrityError:
        logger.info("Event repeated", extra=fields)
        return Response(status_code=204)
    logger.info("Event received", extra=fields)
    if message is not None:
        resources.relay.send_soon(message)
    return Response(status_code=204)


def _read_event(body: bytes, signature: str, secret: str, *, live: bool) -> Event:
    # Loaded here, and not on the event loop: Stripe's library takes its time.
    from amply.payments.stripe_webhooks import read_event  # noqa: PLC0415

    return read_event(body, signature, secret, live=live)
