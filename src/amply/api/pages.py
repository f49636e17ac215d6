"""The page on which a donor pays, opened while they wait for the answer."""

import asyncio
import logging

from fastapi import HTTPException
from sqlalchemy.orm import Session

from amply.api.http.problems import Unavailable
from amply.api.http.resources import Resources
from amply.base.errors import PaymentDeclined, PaymentUnavailable
from amply.donations import repository
from amply.donations.models import Donation, Flow, Status
from amply.donations.pages import order_for
from amply.donations.tasks import report_failure
from amply.payments.pages import Page

logger = logging.getLogger(__name__)

_SECONDS_TO_ANSWER = 15.0


async def page_for(resources: Resources, donation: Donation) -> Page | None:
    """Return the donor's page; None if they have paid, or can no longer pay.

    A repeated request gets the same page. Raise Unavailable if Stripe does not answer: the donor
    may repeat the request.
    """
    if donation.status != Status.AWAITING:
        return None
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_SECONDS_TO_ANSWER):
            page = await loop.run_in_executor(resources.threads, _open_or_read, resources, donation)
    except PaymentDeclined as declined:
        async with resources.sessions.begin() as session:
            await session.run_sync(_refuse, donation.id, declined.code)
        raise HTTPException(422, f"Stripe does not charge this donation: {declined.code}") from None
    except (PaymentUnavailable, TimeoutError) as error:
        reason = str(error) or type(error).__name__
        logger.warning("Unavailable", extra={"dependency": "stripe", "reason": reason})
        raise Unavailable("Stripe does not answer; send the same request again") from error
    if page.id == donation.page_id:
        return page
    async with resources.sessions.begin() as session:
        is_stored = await session.run_sync(repository.store_page, donation.id, page.id, None)
        stored = await session.get_one(Donation, donation.id, populate_existing=True)
    # Not stored: another request of the donor's was faster, or the donation has ended.
    return page if is_stored else await page_for(resources, stored)


def _open_or_read(resources: Resources, donation: Donation) -> Page:
    pages = resources.services.pages
    if donation.page_id is not None:
        return pages.read(donation.page_id)
    if donation.flow == Flow.ELEMENTS:
        return pages.open_elements(order_for(donation))
    return pages.open_checkout(order_for(donation))


def _refuse(session: Session, donation_id: str, failure_code: str) -> None:
    if repository.refuse_page(session, donation_id, failure_code):
        report_failure(donation_id, failure_code)
