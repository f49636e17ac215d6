"""The task that charges: whatever order things happen in, a donation moves forward only."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy.orm import Session, sessionmaker

from amply.database import create_tables
from amply.donations.models import Donation, Status
from amply.donations.repository import settle
from amply.donations.tasks import charge_donation
from amply.errors import PaymentDeclined, PaymentUnavailable
from amply.payments.gateway import Charge
from amply.services import Services
from amply.settings import Settings


@dataclass
class Gateway:
    """A provider that remembers what it charged, and fails as it is told."""

    fails_with: Exception | None = None
    charges: list[Charge] = field(default_factory=list)

    def charge(self, charge: Charge) -> str:
        self.charges.append(charge)
        if self.fails_with:
            raise self.fails_with
        return f"pi_{len(self.charges)}"


@pytest.fixture
def sessions(settings: Settings) -> Iterator[sessionmaker[Session]]:
    create_tables(settings.database_url)
    services = Services(settings)
    yield services.sessions
    services.close()


def take(sessions: sessionmaker[Session], status: Status = Status.PENDING) -> str:
    with sessions.begin() as session:
        session.add(
            Donation(
                id="don_1",
                amount=5000,
                currency="EUR",
                donor_email="ada@example.org",
                payment_method="pm_card_visa",
                status=status,
            )
        )
    return "don_1"


def read(sessions: sessionmaker[Session]) -> Donation:
    with sessions() as session:
        return session.get_one(Donation, "don_1")


def test_a_pending_donation_is_charged(sessions: sessionmaker[Session]) -> None:
    gateway = Gateway()
    charge_donation(sessions, gateway, take(sessions))
    assert gateway.charges == [Charge("don_1", 5000, "EUR", "pm_card_visa")]
    assert (read(sessions).status, read(sessions).payment_id) == ("succeeded", "pi_1")


def test_a_decline_is_final(sessions: sessionmaker[Session]) -> None:
    gateway = Gateway(PaymentDeclined("lost_card"))
    donation_id = take(sessions)
    charge_donation(sessions, gateway, donation_id)
    charge_donation(sessions, gateway, donation_id)
    assert len(gateway.charges) == 1
    assert (read(sessions).status, read(sessions).failure_code) == ("failed", "lost_card")


def test_without_an_answer_the_queue_is_to_try_again(sessions: sessionmaker[Session]) -> None:
    donation_id = take(sessions)
    with pytest.raises(PaymentUnavailable):
        charge_donation(sessions, Gateway(PaymentUnavailable("timeout")), donation_id)
    assert read(sessions).status == "processing"
    charge_donation(sessions, Gateway(), donation_id)
    assert read(sessions).status == "succeeded"


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED])
def test_a_message_delivered_twice_charges_nothing(
    sessions: sessionmaker[Session], status: Status
) -> None:
    gateway = Gateway()
    charge_donation(sessions, gateway, take(sessions, status))
    assert gateway.charges == []
    assert read(sessions).status == status


def test_a_donation_that_is_not_there_is_no_error(sessions: sessionmaker[Session]) -> None:
    charge_donation(sessions, Gateway(), "don_none")


@pytest.mark.parametrize("status", [Status.PENDING, Status.SUCCEEDED, Status.FAILED])
def test_only_a_processing_donation_is_settled(
    sessions: sessionmaker[Session], status: Status
) -> None:
    donation_id = take(sessions, status)
    with sessions.begin() as session:
        assert not settle(session, donation_id, Status.SUCCEEDED, payment_id="pi_late")
    assert (read(sessions).status, read(sessions).payment_id) == (status, None)
