"""Donors who pay on a page: mail them the link, and check whether they have paid.

Stripe's events report the same, usually sooner: whichever is first settles the donation.
"""

import logging
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import MailRefused, PaymentDeclined, StillClaimed
from amply.base.money import written
from amply.database.base import now
from amply.database.leases import Attempt, is_free
from amply.donations import repository
from amply.donations.models import ABANDONED, EXPIRED, Donation, Flow
from amply.donations.tasks import note_success, report_failure
from amply.mail.mailer import Mail, Mailer
from amply.payments.gateway import PaymentGateway
from amply.payments.pages import DonorPages, Order, Page, PageState

logger = logging.getLogger(__name__)

# A session of Checkout ends after 24 hours; a PaymentIntent never does.
LONGEST_WAIT = timedelta(hours=25)
_AT_ONCE = 100  # in a tick: at a fifth of a second for each, less than a task may take


def order_for(donation: Donation) -> Order:
    """Return the order of a page. A donation has one for its donor, and one after its bank asks."""
    return Order(
        key=f"{'link' if donation.flow == Flow.SAVED else 'page'}-{donation.id}",
        donation_id=donation.id,
        amount=donation.amount,
        currency=donation.currency,
        donor_email=donation.donor_email,
    )


def send_payment_link(
    sessions: sessionmaker[Session],
    gateway: PaymentGateway,
    pages: DonorPages,
    mailer: Mailer,
    donation_id: str,
    attempt: Attempt,
) -> None:
    """Mail the donor a link to a page where their bank can ask them.

    Raise PaymentUnavailable, MailUnavailable or StillClaimed: the queue delivers the task again.
    """
    with repository.linking(donation_id).claimed(sessions, attempt) as donation:
        if donation is None:
            return
        try:
            page = _page_of(sessions, gateway, pages, donation, attempt)
        except PaymentDeclined as declined:
            with sessions.begin() as session:
                is_news = repository.give_up(session, donation_id, attempt, declined.code)
            if is_news:
                report_failure(donation_id, declined.code)
            return
        if page is None or page.url is None:
            settle(sessions, donation, page)
            return
        try:
            mailer.send(_mail_about(donation, page.url))
            logger.info("Payment link sent", extra={"donation_id": donation_id})
        except MailRefused as refused:  # the page ends unpaid, and with it the donation
            fields = {"donation_id": donation_id, "reason": str(refused)}
            logger.warning("Payment link not sent", extra=fields)
        with sessions.begin() as session:
            repository.note_link_sent(session, donation_id, attempt)


def look_at_pages(
    sessions: sessionmaker[Session],
    pages: DonorPages,
    stuck_after: timedelta,
    attempt: Attempt,
) -> None:
    """Settle the donations whose donors have paid, or can no longer pay, without an event.

    Raise PaymentUnavailable if the provider does not answer.
    """
    due = (
        select(Donation.id)
        .where(repository.NEEDS_LOOK, is_free(Donation.claimed_until), _is_due(stuck_after))
        .order_by(Donation.updated_at)
        .limit(_AT_ONCE)
    )
    with sessions() as session:
        donation_ids = session.scalars(due).all()
    for donation_id in donation_ids:
        _look(sessions, pages, donation_id, attempt, _is_due(stuck_after))


def settle(sessions: sessionmaker[Session], donation: Donation, page: Page | None) -> None:
    """Settle a donation by the state of its page, if the page has ended."""
    if page is None or page.state is PageState.OPEN:
        return
    if page.state is PageState.PAID and page.payment_id:
        note_success(sessions, donation.id, page.payment_id)
        return
    with sessions.begin() as session:
        is_news = repository.expire(session, donation.id, page.id)
    if is_news:
        report_failure(donation.id, EXPIRED)


def _page_of(
    sessions: sessionmaker[Session],
    gateway: PaymentGateway,
    pages: DonorPages,
    donation: Donation,
    attempt: Attempt,
) -> Page | None:
    """Return the donor's page, and open one if needed; None if the donor was charged.

    The payment that the bank asks about is canceled first: nobody can pay twice.
    """
    if donation.page_id is not None:
        return pages.read(donation.page_id)
    if donation.payment_id is not None and not gateway.cancel(donation.payment_id):
        note_success(sessions, donation.id, donation.payment_id)
        return None
    page = pages.open_checkout(order_for(donation))
    with sessions.begin() as session:
        is_stored = repository.store_page(session, donation.id, page.id, attempt)
    if not is_stored:
        raise StillClaimed(f"{donation.id} was taken over by another attempt")
    return page


def _look(
    sessions: sessionmaker[Session],
    pages: DonorPages,
    donation_id: str,
    attempt: Attempt,
    is_due: ColumnElement[bool],
) -> None:
    job = repository.looking(donation_id)
    with sessions.begin() as session:
        donation = job.claim(session, attempt, is_due)
    if donation is None:
        return
    try:
        _settle_by_page(sessions, pages, donation, attempt)
    finally:
        with sessions.begin() as session:
            job.release(session, attempt)


def _settle_by_page(
    sessions: sessionmaker[Session], pages: DonorPages, donation: Donation, attempt: Attempt
) -> None:
    begun = donation.link_sent_at or donation.created_at
    is_over = begun < now() - LONGEST_WAIT
    if donation.page_id is not None:
        settle(sessions, donation, (pages.close if is_over else pages.read)(donation.page_id))
        return
    if not is_over:  # the API has not opened it yet, and the donor may ask for it again
        return
    with sessions.begin() as session:
        is_news = repository.give_up(session, donation.id, attempt, ABANDONED)
    if is_news:
        report_failure(donation.id, ABANDONED)


def _is_due(stuck_after: timedelta) -> ColumnElement[bool]:
    """Return the condition that a page must be checked again: soon at first, then less often."""
    moment = now()
    return or_(
        and_(Donation.attempts == 0, Donation.updated_at < moment - stuck_after / 15),
        and_(Donation.attempts <= 2, Donation.updated_at < moment - stuck_after / 6),
        Donation.updated_at < moment - stuck_after,
    )


def _mail_about(donation: Donation, url: str) -> Mail:
    amount = written(donation.amount, donation.currency)
    lines = [
        f"Dear {donation.donor_name or 'donor'},",
        "",
        f"your bank wants to ask you about your donation of {amount}. Nothing was charged yet.",
        "",
        "Please complete the donation within a day, on this page of Stripe's:",
        "",
        url,
        "",
        "Amply",
        "",
    ]
    return Mail(
        key=f"{donation.id}-link",
        to=donation.donor_email,
        subject="Your bank asks about your donation",
        text="\n".join(lines),
    )
