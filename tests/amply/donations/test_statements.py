"""Statements that change nothing, as the donation is not what their caller believes it to be."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from amply.database.base import now
from amply.database.leases import Attempt
from amply.donations import refunds, repository
from amply.donations.models import Status
from tests.amply.support.stripe.gateways import read, take

Sessions = sessionmaker[Session]
HALF_AN_HOUR = timedelta(minutes=30)
MINE, ANOTHER = Attempt(60, "mine"), Attempt(60, "another")
HELD = {"claimed_by": "mine", "claimed_until": now() + timedelta(hours=1)}


@pytest.mark.parametrize(
    ("status", "fields", "change"),
    [
        (
            Status.AWAITING,
            {"page_id": "cs_1"},
            lambda session: repository.store_page(session, "don_1", "cs_2", None),
        ),
        (
            Status.AWAITING,
            HELD,
            lambda session: repository.store_page(session, "don_1", "cs_1", ANOTHER),
        ),
        (
            Status.AWAITING,
            {"page_id": "cs_1"},
            lambda session: repository.expire(session, "don_1", "cs_2"),
        ),
        (
            Status.AWAITING,
            {"page_id": "cs_1"},
            lambda session: repository.refuse_page(session, "don_1", "amount_too_small"),
        ),
        (
            Status.AWAITING,  # the bank's other news of the payment that it asks about
            {"payment_id": "pi_1"},
            lambda session: repository.fail(session, "don_1", "lost_card", "pi_1"),
        ),
        (
            Status.AWAITING,
            HELD,
            lambda session: repository.note_link_sent(session, "don_1", ANOTHER),
        ),
        (
            Status.PROCESSING,
            {"payment_id": "pi_1"},
            lambda session: repository.await_donor(session, "don_1", "pi_2"),
        ),
        (
            Status.PROCESSING,
            HELD,
            lambda session: repository.give_up(session, "don_1", ANOTHER, "lost_card"),
        ),
        (
            Status.PROCESSING,
            HELD,
            lambda session: repository.store_payment(session, "don_1", "pi_1", ANOTHER),
        ),
        (
            Status.PROCESSING,
            {**HELD, "payment_id": "pi_1"},
            lambda session: repository.store_payment(session, "don_1", "pi_2", MINE),
        ),
        (
            Status.SUCCEEDED,
            {"payment_id": "pi_1", "refund_requested_at": now()},
            lambda session: refunds.abandon_refund(session, "don_1", HALF_AN_HOUR),
        ),
        (
            Status.SUCCEEDED,
            {"payment_id": "pi_1"},
            lambda session: refunds.refund(session, "don_1", "pi_2", None),
        ),
    ],
)
def test_it_changes_nothing(
    sessions: Sessions,
    status: Status,
    fields: dict[str, object],
    change: Callable[[Session], object],
) -> None:
    take(sessions, status, **fields)
    before = columns(sessions)
    with sessions.begin() as session:
        assert not change(session)
    assert columns(sessions) == before


def columns(sessions: Sessions) -> dict[str, object]:
    """Return all that is kept of the donation."""
    donation = read(sessions)
    return {column.name: getattr(donation, column.name) for column in donation.__table__.columns}
