"""The recovery reads only unfinished donations at each tick, not the whole table."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session, sessionmaker

from amply.database.engines import sync_engine
from amply.database.leases import Attempt
from amply.donations.recovery import recover_donations
from amply.migrations.schema import migrate
from amply.receipts.tasks import recover_receipts
from tests.amply.support.services import postgresql_database
from tests.amply.support.stripe.gateways import Gateway, Pages

HALF_AN_HOUR = timedelta(minutes=30)

# Of 5,000 donations five are to be refunded, and the receipts of five were not sent.
_DONATIONS = """
    INSERT INTO donations (id, amount, currency, donor_email, payment_method, status, payment_id,
                           refund_requested_at, created_at, updated_at)
    SELECT 'don_' || i, 500, 'EUR', 'ada@example.org', 'pm_card_visa', 'succeeded', 'pi_' || i,
           CASE WHEN i % 1000 = 1 THEN now() END, now(), now() - interval '1 day'
    FROM generate_series(1, 5000) AS i
"""
_RECEIPTS = """
    INSERT INTO receipts (donation_id, sent_at, queued_at, created_at)
    SELECT 'don_' || i, CASE WHEN i % 1000 <> 2 THEN now() END, now() - interval '1 day', now()
    FROM generate_series(1, 5000) AS i
"""


@pytest.fixture(scope="module")
def sessions() -> Iterator[sessionmaker[Session]]:
    with postgresql_database() as url:
        migrate(url)
        engine = sync_engine(url)
        with engine.begin() as connection:
            for statement in (_DONATIONS, _RECEIPTS, "ANALYZE donations, receipts"):
                connection.execute(text(statement))
        yield sessionmaker(engine, expire_on_commit=False)
        engine.dispose()


def plan_of_reading(sessions: sessionmaker[Session], recover: Callable[[], object]) -> str:
    """Return PostgreSQL's query plan for a recovery's query."""
    plan: list[str] = []
    engine = sessions.kw["bind"]

    def explain(connection: Connection, _: object, statement: str, given: Any, *__: object) -> None:  # noqa: ANN401
        if statement.startswith("SELECT"):
            cursor = connection.connection.cursor()
            cursor.execute(f"EXPLAIN {statement}", given)
            plan.extend(line for (line,) in cursor.fetchall())
            cursor.close()

    event.listen(engine, "before_cursor_execute", explain)
    recover()
    event.remove(engine, "before_cursor_execute", explain)
    return "\n".join(plan)


def test_donations(sessions: sessionmaker[Session]) -> None:
    plan = plan_of_reading(
        sessions, lambda: recover_donations(sessions, Gateway(), Pages(), HALF_AN_HOUR, Attempt(60))
    )
    assert "donations_status_updated_at_idx" in plan
    assert "donations_refund_owed_idx" in plan
    assert "Seq Scan on donations" not in plan


def test_receipts(sessions: sessionmaker[Session]) -> None:
    plan = plan_of_reading(sessions, lambda: recover_receipts(sessions, HALF_AN_HOUR))
    assert "receipts_unsent_idx" in plan
    assert "Seq Scan on receipts" not in plan
