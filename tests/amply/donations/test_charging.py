"""The task that charges: in any order of events, a donation only moves forward."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import (
    PaymentDeclined,
    PaymentMisconfigured,
    PaymentUnavailable,
    StillClaimed,
)
from amply.base.task_names import SEND_RECEIPT
from amply.database.base import now
from amply.database.leases import Attempt
from amply.donations import repository
from amply.donations.models import Status
from amply.donations.receipt import Receipt
from amply.donations.tasks import charge_donation
from amply.outbox.models import OutboxMessage
from amply.payments.gateway import Charge, Payment
from tests.amply.support.stripe.gateways import Gateway, read, take

Sessions = sessionmaker[Session]


def charge(sessions: Sessions, gateway: Gateway, seconds: int = 60) -> OutboxMessage | None:
    return charge_donation(sessions, gateway, "don_1", Attempt(seconds))


def test_a_pending_donation_is_charged(sessions: Sessions) -> None:
    gateway = Gateway()
    take(sessions)
    charge(sessions, gateway)
    assert gateway.opened == [Charge("don_1", 5000, "EUR", "pm_card_visa", attempt=1)]
    assert gateway.confirmed == ["pi_1"]
    donation = read(sessions)
    assert (donation.status, donation.payment_id) == ("succeeded", "pi_1")
    assert (donation.attempts, donation.claimed_by, donation.claimed_until) == (1, None, None)


def test_a_receipt_is_owed_from_the_moment_of_the_success(sessions: Sessions) -> None:
    take(sessions)
    message = charge(sessions, Gateway())
    with sessions() as session:
        (receipt,) = session.scalars(select(Receipt)).all()
        (kept,) = session.scalars(select(OutboxMessage)).all()
    assert (receipt.donation_id, receipt.sent_at) == ("don_1", None)
    assert message is not None
    assert (kept.id, kept.task) == (message.id, SEND_RECEIPT)
    assert kept.arguments == {"donation_id": "don_1"}


def test_a_decline_is_final_and_owes_no_receipt(sessions: Sessions) -> None:
    gateway = Gateway(PaymentDeclined("lost_card"))
    take(sessions)
    for _ in range(2):
        assert charge(sessions, gateway) is None
    assert len(gateway.confirmed) == 1
    assert (read(sessions).status, read(sessions).failure_code) == ("failed", "lost_card")
    with sessions() as session:
        assert session.scalars(select(Receipt)).all() == []


def test_without_an_answer_the_next_delivery_tries_again_at_once(sessions: Sessions) -> None:
    take(sessions)
    with pytest.raises(PaymentUnavailable):
        charge(sessions, Gateway(PaymentUnavailable("timeout")))
    assert (read(sessions).status, read(sessions).claimed_by) == ("processing", None)
    charge(sessions, Gateway())
    donation = read(sessions)
    assert (donation.status, donation.attempts, donation.deaths) == ("succeeded", 2, 0)


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.REFUNDED])
def test_a_message_delivered_late_charges_nothing(sessions: Sessions, status: Status) -> None:
    gateway = Gateway()
    take(sessions, status)
    charge(sessions, gateway)
    assert gateway.confirmed == []
    assert read(sessions).status == status


def test_a_donation_that_is_not_there_is_no_error(sessions: Sessions) -> None:
    charge(sessions, Gateway())


def test_of_two_workers_with_the_same_message_one_charges(sessions: Sessions) -> None:
    """The second worker starts while the first waits for Stripe."""
    take(sessions)
    second = Gateway()

    def come_second() -> None:
        with pytest.raises(StillClaimed):
            charge(sessions, second)

    charge(sessions, Gateway(meanwhile=come_second))
    assert second.confirmed == []
    assert (read(sessions).status, read(sessions).attempts) == ("succeeded", 1)
    charge(sessions, second)  # its message is delivered again, and there is nothing to do
    assert second.confirmed == []


def test_the_claim_of_a_dead_worker_is_taken_over_when_it_has_run_out(sessions: Sessions) -> None:
    take(
        sessions,
        Status.PROCESSING,
        attempts=1,
        claimed_by="dead",
        claimed_until=now() - timedelta(seconds=1),
    )
    gateway = Gateway()
    charge(sessions, gateway)
    assert len(gateway.confirmed) == 1
    donation = read(sessions)
    assert (donation.status, donation.attempts, donation.deaths) == ("succeeded", 2, 1)


def test_a_claim_that_was_taken_over_is_not_given_back_by_its_first_holder(
    sessions: Sessions,
) -> None:
    """The first attempt outlives its claim, and fails after the second has begun."""
    take(sessions)
    first, second = Attempt(-1), Attempt(60)
    with sessions.begin() as session:
        assert repository.charging("don_1").claim(session, first)
    with sessions.begin() as session:
        assert repository.charging("don_1").claim(session, second)
        repository.charging("don_1").release(session, first)
    assert read(sessions).claimed_by == second.id


def test_whoever_settles_first_settles_for_all(sessions: Sessions) -> None:
    """Stripe's webhook arrives before Stripe's answer; the donor gets one receipt."""
    take(sessions)

    def webhook() -> None:
        with sessions.begin() as session:
            assert repository.succeed(session, "don_1", "pi_1")

    assert charge(sessions, Gateway(meanwhile=webhook)) is None
    with sessions() as session:
        assert len(session.scalars(select(Receipt)).all()) == 1
        assert len(session.scalars(select(OutboxMessage)).all()) == 1


@pytest.mark.parametrize(
    "status", [Status.PENDING, Status.SUCCEEDED, Status.FAILED, Status.REFUNDED]
)
def test_only_a_processing_donation_is_settled(sessions: Sessions, status: Status) -> None:
    take(sessions, status)
    with sessions.begin() as session:
        assert not repository.succeed(session, "don_1", "pi_late")
        assert not repository.fail(session, "don_1", "late", None)
    donation = read(sessions)
    assert (donation.status, donation.payment_id, donation.failure_code) == (status, None, None)


def test_stripe_s_word_beats_what_we_said_without_it(sessions: Sessions) -> None:
    """A success after `processing_abandoned`: the donor was charged, and gets a receipt."""
    take(sessions, Status.FAILED, failure_code="processing_abandoned")
    with sessions.begin() as session:
        assert repository.succeed(session, "don_1", "pi_late")
    donation = read(sessions)
    assert (donation.status, donation.payment_id) == ("succeeded", "pi_late")
    assert donation.failure_code is None
    with sessions() as session:
        assert session.get(Receipt, "don_1")


def test_a_success_after_a_decline_is_cried_out(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    def decline() -> None:
        with sessions.begin() as session:
            assert repository.fail(session, "don_1", "lost_card", "pi_1")

    take(sessions)
    assert charge(sessions, Gateway(meanwhile=decline)) is None
    (line,) = [r for r in caplog.records if r.message == "Charge found for a failed donation"]
    assert line.levelname == "ERROR"
    assert (read(sessions).status, read(sessions).failure_code) == ("failed", "lost_card")


def test_only_a_payment_that_is_stored_is_confirmed(sessions: Sessions) -> None:
    """Another attempt or a webhook settles the donation while this attempt opens a payment."""

    class Slow(Gateway):
        def open(self, charge: Charge) -> Payment:
            with sessions.begin() as session:
                assert repository.succeed(session, "don_1", "pi_0")
            return super().open(charge)

    gateway = Slow()
    take(sessions)
    with pytest.raises(StillClaimed):
        charge(sessions, gateway)
    assert gateway.confirmed == []
    assert (read(sessions).status, read(sessions).payment_id) == ("succeeded", "pi_0")


def test_an_attempt_that_lost_its_claim_stores_no_payment(sessions: Sessions) -> None:
    take(sessions)
    first, second = Attempt(-1), Attempt(60)
    with sessions.begin() as session:
        repository.charging("don_1").claim(session, first)
    with sessions.begin() as session:
        repository.charging("don_1").claim(session, second)
        assert repository.store_payment(session, "don_1", "pi_2", second)
        assert not repository.store_payment(session, "don_1", "pi_1", first)
        assert not repository.store_payment(session, "don_1", "pi_3", second)
    assert read(sessions).payment_id == "pi_2"


def test_the_next_attempt_confirms_the_same_payment(sessions: Sessions) -> None:
    """The answer to the first attempt was lost; the next one opens no second payment."""
    take(sessions)
    with pytest.raises(PaymentUnavailable):
        charge(sessions, Gateway(PaymentUnavailable("HTTP 500")))
    assert read(sessions).payment_id == "pi_1"
    gateway = Gateway()
    charge(sessions, gateway)
    assert (gateway.opened, gateway.confirmed) == ([], ["pi_1"])
    assert read(sessions).status == "succeeded"


def test_a_rejection_of_our_requests_is_no_decline(sessions: Sessions) -> None:
    take(sessions)
    with pytest.raises(PaymentMisconfigured):
        charge(sessions, Gateway(PaymentMisconfigured("HTTP 400")))
    assert (read(sessions).status, read(sessions).failure_code) == ("processing", None)


def test_a_donation_whose_payment_cannot_be_opened_fails(sessions: Sessions) -> None:
    class Refusing(Gateway):
        def open(self, charge: Charge) -> Payment:
            super().open(charge)
            raise PaymentDeclined("resource_missing")

    take(sessions)
    charge(sessions, Refusing())
    assert (read(sessions).status, read(sessions).failure_code) == ("failed", "resource_missing")


@pytest.mark.parametrize(
    ("attempts", "minutes", "looks"),
    [(0, 22 * 60 + 59, False), (0, 23 * 60 + 1, True), (1, 1, True), (1, 30 * 60, True)],
)
def test_it_looks_for_a_payment_unless_there_can_be_none(
    sessions: Sessions, attempts: int, minutes: int, *, looks: bool
) -> None:
    """Stripe forgets idempotency keys after a day, and a restored row lacks later attempts."""
    take(sessions, attempts=attempts, created_at=now() - timedelta(minutes=minutes))
    gateway = Gateway(found="pi_0")
    charge(sessions, gateway)
    payment_id = "pi_0" if looks else "pi_1"
    assert (gateway.confirmed, read(sessions).payment_id) == ([payment_id], payment_id)
    assert len(gateway.opened) == (0 if looks else 1)


def test_it_charges_an_old_donation_of_which_stripe_knows_nothing(sessions: Sessions) -> None:
    take(sessions, created_at=now() - timedelta(hours=30))
    gateway = Gateway(found=None)
    charge(sessions, gateway)
    assert gateway.confirmed == ["pi_1"]


def test_a_card_that_is_tried_again_and_again_is_not_charged(sessions: Sessions) -> None:
    class Closed:
        subjects: list[str] = []  # noqa: RUF012

        def admits(self, subject: str) -> bool:
            self.subjects.append(subject)
            return False

    take(sessions)
    gateway, cards = Gateway(fingerprint="card_1"), Closed()
    charge_donation(sessions, gateway, "don_1", Attempt(60), cards)
    assert (cards.subjects, gateway.confirmed) == (["card_1"], [])
    donation = read(sessions)
    assert (donation.status, donation.failure_code) == ("failed", "card_velocity_exceeded")
