"""`python -m amply reconcile`, `export` and `erase`."""

import pytest
import stripe
from sqlalchemy.orm import Session, sessionmaker

from amply.__main__ import main
from amply.base.settings import Settings
from amply.donations import repository
from amply.donations.erasure import ERASED_EMAIL, PERSONAL, erase_donor
from amply.donations.models import Donation, Status
from amply.embedded.stripe.process import running_in_thread
from tests.amply.books.test_reconciliation import pay
from tests.amply.support.stripe.gateways import read, take

Sessions = sessionmaker[Session]


def test_a_reconciliation_prints_what_a_person_must_decide(
    sessions: Sessions,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with running_in_thread() as address:
        monkeypatch.setenv("DATABASE_URL", settings.database_url)
        monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_1")
        monkeypatch.setenv("STRIPE_API_BASE", address)
        client = stripe.StripeClient("sk_test_1", base_addresses={"api": address})
        take(sessions, Status.PROCESSING, payment_id=pay(client))
        main(["reconcile", "--since", "2020-01-01"])
        assert capfd.readouterr().out == "1 objects, 1 repaired, 0 differ\n"
        payment = pay(client, None)
        with pytest.raises(SystemExit) as ended:
            main(["reconcile", "--since", "2020-01-01"])
        assert ended.value.code == 2
        lines = capfd.readouterr().out.splitlines()
        assert lines[-2:] == [
            "2 objects, 0 repaired, 1 differ",
            f"charge_without_donation  {payment}  50.00 EUR  -",
        ]


def test_an_export_and_a_wrong_month(
    sessions: Sessions,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    main(["export", "--month", "2026-02"])
    assert capfd.readouterr().out.startswith("date,kind,posting")
    with pytest.raises(SystemExit):
        main(["export", "--month", "2026-13"])
    assert "is not a month such as 2026-11" in capfd.readouterr().err


def test_erasing_a_donor_keeps_the_sums(sessions: Sessions) -> None:
    personal = {"donor_name": "Ada", "message": "Hello", "idempotency_key": "ada-1"}
    take(sessions, Status.PROCESSING, donor_email="Ada@Example.org", **personal)
    assert erase_donor(sessions, "ada@example.org") == 0  # it is under way
    with sessions.begin() as session:
        repository.succeed(session, "don_1", "pi_1")
    take(sessions, Status.SUCCEEDED, id="don_2", donor_email="grace@example.org")
    assert erase_donor(sessions, "ada@example.ORG") == 1
    donation = read(sessions)
    assert (donation.donor_email, donation.amount) == (ERASED_EMAIL, 5000)
    columns = {column.name for column in Donation.__table__.columns}
    text = " ".join(str(getattr(donation, name)) for name in columns)
    assert not [word for word in ("Ada", "ada-1", "Hello", "xample.org") if word in text]
    assert set(PERSONAL) <= columns
