"""The task that refunds: once, and only a charged donation whose refund was requested."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import PaymentDeclined, PaymentUnavailable, StillClaimed
from amply.database.leases import Attempt
from amply.donations import refunds
from amply.donations.models import Status
from amply.donations.tasks import refund_donation
from amply.outbox.models import OutboxMessage
from tests.amply.support.stripe.gateways import Gateway, read, take

Sessions = sessionmaker[Session]


def ask(sessions: Sessions) -> bool:
    with sessions.begin() as session:
        return refunds.request_refund(session, "don_1") is not None


def refund(sessions: Sessions, gateway: Gateway) -> None:
    refund_donation(sessions, gateway, "don_1", Attempt(60))


def test_asked_for_twice_it_is_one_refund(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    assert [ask(sessions), ask(sessions)] == [True, False]
    with sessions() as session:
        assert len(session.scalars(select(OutboxMessage)).all()) == 1
    gateway = Gateway()
    for _ in range(2):
        refund(sessions, gateway)
    assert gateway.refunds == ["pi_1"]
    assert (read(sessions).status, read(sessions).refund_id) == ("refunded", "re_1")
    assert [line.message for line in caplog.records].count("Donation refunded") == 1
    assert not ask(sessions)


def test_the_refund_s_id_is_noted_though_stripe_s_webhook_came_first(sessions: Sessions) -> None:
    def webhook() -> None:
        with sessions.begin() as session:
            assert refunds.refund(session, "don_1", "pi_1", None)

    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    ask(sessions)
    refund(sessions, Gateway(meanwhile=webhook))
    assert (read(sessions).status, read(sessions).refund_id) == ("refunded", "re_1")


@pytest.mark.parametrize(
    "status", [Status.PENDING, Status.PROCESSING, Status.FAILED, Status.REFUNDED]
)
def test_only_what_succeeded_is_refunded(sessions: Sessions, status: Status) -> None:
    take(sessions, status)
    assert not ask(sessions)
    gateway = Gateway()
    refund(sessions, gateway)
    assert gateway.refunds == []
    assert read(sessions).status == status


def test_what_nobody_asked_back_is_kept(sessions: Sessions) -> None:
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    gateway = Gateway()
    refund(sessions, gateway)
    assert gateway.refunds == []


def test_of_two_workers_one_refunds(sessions: Sessions) -> None:
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    ask(sessions)
    second = Gateway()

    def come_second() -> None:
        with pytest.raises(StillClaimed):
            refund(sessions, second)

    refund(sessions, Gateway(meanwhile=come_second))
    assert second.refunds == []


def test_without_an_answer_it_is_tried_again(sessions: Sessions) -> None:
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    ask(sessions)
    with pytest.raises(PaymentUnavailable):
        refund(sessions, Gateway(PaymentUnavailable("timeout")))
    refund(sessions, Gateway())
    assert read(sessions).status == "refunded"


def test_a_refusal_is_told_and_may_be_asked_for_again(sessions: Sessions) -> None:
    take(sessions, Status.SUCCEEDED, payment_id="pi_1")
    ask(sessions)
    refund(sessions, Gateway(PaymentDeclined("insufficient_funds")))
    donation = read(sessions)
    assert (donation.status, donation.refund_failure_code) == ("succeeded", "insufficient_funds")
    assert ask(sessions)
