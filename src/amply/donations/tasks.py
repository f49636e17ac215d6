"""Charge a donation. May be run any number of times for the same one, and charges once."""

import logging

from sqlalchemy.orm import Session, sessionmaker

from amply.donations.models import Donation, Status
from amply.donations.repository import claim, settle
from amply.errors import PaymentDeclined
from amply.payments.gateway import Charge, PaymentGateway

logger = logging.getLogger(__name__)


def charge_donation(
    sessions: sessionmaker[Session], gateway: PaymentGateway, donation_id: str
) -> None:
    """Charge the donor, with no transaction open while the provider is asked.

    Raises PaymentUnavailable when the provider gave no answer: the queue delivers the task again.
    """
    with sessions.begin() as session:
        donation = claim(session, donation_id)
    if donation is None:
        logger.info("Donation needs no charge", extra={"donation_id": donation_id})
        return
    try:
        payment_id = gateway.charge(_charge_of(donation))
    except PaymentDeclined as declined:
        with sessions.begin() as session:
            settle(session, donation_id, Status.FAILED, failure_code=declined.code)
        logger.info(
            "Donation failed",
            extra={"donation_id": donation_id, "failure_code": declined.code},
        )
    else:
        with sessions.begin() as session:
            settle(session, donation_id, Status.SUCCEEDED, payment_id=payment_id)
        logger.info(
            "Donation succeeded", extra={"donation_id": donation_id, "amount": donation.amount}
        )


def _charge_of(donation: Donation) -> Charge:
    return Charge(
        donation_id=donation.id,
        amount=donation.amount,
        currency=donation.currency,
        payment_method=donation.payment_method,
    )
