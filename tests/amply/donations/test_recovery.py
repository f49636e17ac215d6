"""Donations whose message was lost are found, sent again and settled."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from amply.base.errors import PaymentUnavailable, StillClaimed
from amply.base.settings import Settings
from amply.base.task_names import (
    CHARGE_DONATION,
    RECOVER_DONATIONS,
    REFUND_DONATION,
    SEND_RECEIPT,
)
from amply.database.base import now
from amply.database.leases import Attempt
from amply.donations import refunds, repository
from amply.donations.models import Donation, Status
from amply.donations.receipt import Receipt
from amply.donations.recovery import MOST_ATTEMPTS, recover_donations
from amply.donations.tasks import charge_donation
from amply.jobs.app import create_celery
from amply.outbox.models import OutboxMessage
from tests.amply.support.stripe.gateways import Gateway, Pages, read, take

Sessions = sessionmaker[Session]

HALF_AN_HOUR = timedelta(minutes=30)
LONG_AGO = {"updated_at": now() - timedelta(minutes=31)}
TRIED = {**LONG_AGO, "attempts": MOST_ATTEMPTS}
DEAD = {"claimed_by": "dead", "claimed_until": now() - timedelta(minutes=30)}
WORN_OUT = {**TRIED, **DEAD, "deaths": MOST_ATTEMPTS - 1}


def recover(
    sessions: Sessions, gateway: Gateway | None = None, pages: Pages | None = None
) -> list[str]:
    """The tasks that are to be sent afterwards."""
    recover_donations(sessions, gateway or Gateway(), pages or Pages(), HALF_AN_HOUR, Attempt(60))
    with sessions() as session:
        return list(session.scalars(select(OutboxMessage.task)))


def move(sessions: Sessions, **fields: object) -> None:
    with sessions.begin() as session:
        session.execute(update(Donation).values(fields))


@pytest.mark.parametrize("status", [Status.PENDING, Status.PROCESSING])
def test_a_lost_message_is_sent_again_once(sessions: Sessions, status: Status) -> None:
    take(sessions, status, **LONG_AGO)
    assert recover(sessions) == ["amply.donations.charge"]
    assert recover(sessions) == ["amply.donations.charge"]


def test_a_message_that_is_still_to_be_sent_is_not_lost(sessions: Sessions) -> None:
    take(sessions, Status.PENDING, **LONG_AGO)
    with sessions.begin() as session:
        session.add(repository.message_about("don_1", "amply.donations.charge"))
    assert recover(sessions) == ["amply.donations.charge"]


def test_so_is_the_message_of_a_refund(sessions: Sessions) -> None:
    take(sessions, Status.SUCCEEDED, refund_requested_at=now(), **LONG_AGO)
    assert recover(sessions) == ["amply.donations.refund"]


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (Status.PENDING, {}),
        (Status.PROCESSING, {}),
        (Status.PROCESSING, {**WORN_OUT, "claimed_until": now() + timedelta(days=1)}),
        (Status.SUCCEEDED, LONG_AGO),
        (Status.FAILED, WORN_OUT),
        (Status.REFUNDED, {**WORN_OUT, "refund_requested_at": now()}),
    ],
)
def test_what_moves_or_has_ended_is_left_alone(
    sessions: Sessions, status: Status, fields: dict[str, object]
) -> None:
    take(sessions, status, **fields)
    assert recover(sessions) == []
    assert read(sessions).status == status


def test_a_donation_that_killed_every_worker_has_failed(sessions: Sessions) -> None:
    take(sessions, Status.PROCESSING, **WORN_OUT)
    assert recover(sessions) == []
    donation = read(sessions)
    assert (donation.status, donation.failure_code) == ("failed", "processing_abandoned")


def test_an_outage_of_stripe_s_fails_no_donation(sessions: Sessions) -> None:
    """The outage is longer than five deliveries, so the message becomes a dead letter."""
    take(sessions)
    for _ in range(MOST_ATTEMPTS + 1):
        with pytest.raises(PaymentUnavailable):
            charge_donation(sessions, Gateway(PaymentUnavailable("401")), "don_1", Attempt(60))
    move(sessions, **LONG_AGO)
    assert recover(sessions) == [CHARGE_DONATION]
    charge_donation(sessions, Gateway(), "don_1", Attempt(60))
    assert read(sessions).status == "succeeded"


def test_nor_does_one_with_deaths_in_it(sessions: Sessions) -> None:
    take(sessions, Status.PROCESSING, **{**TRIED, **DEAD, "attempts": 20, "deaths": 3})
    assert recover(sessions) == [CHARGE_DONATION]


@pytest.mark.parametrize(("hours", "status"), [(23, "processing"), (25, "failed")])
def test_but_one_that_nobody_brings_to_its_end_is_tried_for_a_day(
    sessions: Sessions, hours: int, status: str
) -> None:
    take(sessions, Status.PROCESSING, **TRIED, created_at=now() - timedelta(hours=hours))
    recover(sessions)
    assert read(sessions).status == status


@pytest.mark.parametrize("stored", [None, "pi_1"])
def test_unless_the_donor_was_charged(sessions: Sessions, stored: str | None) -> None:
    take(sessions, Status.PROCESSING, payment_id=stored, **WORN_OUT)
    gateway = Gateway(found=None if stored else "pi_1", charged=True)
    assert recover(sessions, gateway) == ["amply.receipts.send"]
    assert (read(sessions).status, read(sessions).payment_id) == ("succeeded", "pi_1")


@pytest.mark.parametrize("stored", [None, "pi_1"])
def test_a_payment_is_canceled_before_its_donation_is_given_up(
    sessions: Sessions, caplog: pytest.LogCaptureFixture, stored: str | None
) -> None:
    caplog.set_level("INFO")
    take(sessions, Status.PROCESSING, payment_id=stored, **WORN_OUT)
    gateway = Gateway(found=None if stored else "pi_1")
    assert recover(sessions, gateway) == []
    assert gateway.canceled == ["pi_1"]
    assert read(sessions).failure_code == "processing_abandoned"
    (line,) = [record for record in caplog.records if record.message == "Donation failed"]
    assert vars(line)["failure_code"] == "processing_abandoned"


def test_one_that_moved_since_it_was_found_is_not_settled(sessions: Sessions) -> None:
    """Somebody redrives the message while the recovery handles another donation.

    The donation is charged, the answer is lost, and Stripe's search does not find the payment
    yet.
    """

    def charge_the_other() -> None:
        with pytest.raises(PaymentUnavailable):
            charge_donation(sessions, charging, "don_1", Attempt(60))

    charging = Gateway(PaymentUnavailable("the answer got lost"))
    take(sessions, Status.PROCESSING, payment_id="pi_1", **WORN_OUT)
    before_it: dict[str, Any] = {**WORN_OUT, "updated_at": now() - timedelta(hours=2)}
    take(sessions, Status.PROCESSING, id="don_0", **before_it)
    recover(sessions, Gateway(meanwhile=charge_the_other))
    assert len(charging.confirmed) == 1
    assert read(sessions).status == "processing"


def test_a_recovery_that_hung_leaves_the_donation_to_whoever_has_it(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    def take_over() -> None:
        with sessions.begin() as session:
            assert repository.charging("don_1").claim(session, Attempt(60))

    take(sessions, Status.PROCESSING, **WORN_OUT)
    hung = Gateway(meanwhile=take_over)
    recover_donations(sessions, hung, Pages(), HALF_AN_HOUR, Attempt(-1))
    assert read(sessions).status == "processing"
    assert "Donation failed" not in [line.message for line in caplog.records]


def test_all_that_is_stuck_is_recovered_at_once(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    recover(sessions)
    assert not caplog.records
    for number in range(101):
        take(sessions, Status.PENDING, id=f"don_{number}", **LONG_AGO)
    assert len(recover(sessions)) == 101
    [line] = [line for line in caplog.records if line.message.startswith("Donations recovered")]
    assert vars(line)["count"] == 101


@pytest.mark.parametrize(
    ("fields", "given_up"),
    [
        ({**WORN_OUT, "refund_requested_at": now()}, True),
        ({**TRIED, "refund_requested_at": now()}, False),
        ({**TRIED, "refund_requested_at": now() - timedelta(hours=25)}, True),
    ],
)
def test_a_refund_that_comes_to_no_end_is_given_up_and_may_be_asked_for_again(
    sessions: Sessions, fields: dict[str, object], *, given_up: bool
) -> None:
    take(sessions, Status.SUCCEEDED, **fields)
    assert recover(sessions) == ([] if given_up else [REFUND_DONATION])
    assert read(sessions).refund_failure_code == ("processing_abandoned" if given_up else None)
    with sessions.begin() as session:
        assert (refunds.request_refund(session, "don_1") is not None) == given_up
    if given_up:  # the new request has all its attempts before it
        assert (read(sessions).attempts, read(sessions).deaths) == (0, 0)


def test_nobody_begins_to_charge_while_the_provider_is_asked(sessions: Sessions) -> None:
    def charge_as_well() -> None:
        with pytest.raises(StillClaimed):
            charge_donation(sessions, charging, "don_1", Attempt(60))

    charging = Gateway()
    take(sessions, Status.PROCESSING, **WORN_OUT)
    recover(sessions, Gateway(meanwhile=charge_as_well))
    assert read(sessions).status == "failed"
    assert not charging.confirmed


def test_without_the_provider_s_word_nothing_is_settled(sessions: Sessions) -> None:
    take(sessions, Status.PROCESSING, **WORN_OUT)
    with pytest.raises(PaymentUnavailable):
        recover(sessions, Gateway(PaymentUnavailable("timeout")))
    assert read(sessions).status == "processing"


def test_receipts_do_not_wait_for_stripe_s_word(
    settings: Settings, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(sessions, Status.PROCESSING, **WORN_OUT)
    receipted = take(sessions, Status.SUCCEEDED, id="don_2")
    with sessions.begin() as session:
        session.add(Receipt(donation_id=receipted, queued_at=now() - HALF_AN_HOUR * 2))
    app = create_celery(settings)
    monkeypatch.setattr(app.services, "gateway", Gateway(PaymentUnavailable("timeout")))
    with pytest.raises(PaymentUnavailable):
        app.tasks[RECOVER_DONATIONS]()
    app.services.close()
    with sessions() as session:
        assert list(session.scalars(select(OutboxMessage.task))) == [SEND_RECEIPT]
