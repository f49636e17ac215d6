"""The judge finds every fault, so a run without findings is meaningful."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos.donors import Ledger
from tests.chaos.judge import Facts, judge

Change = Callable[[Facts, Ledger], Any]


def right() -> tuple[Facts, Ledger]:
    """Return one donation of each kind, in its correct final state."""
    ids = {"given": "don_1", "declined": "don_2", "regretted": "don_3"}
    statuses = {"given": "succeeded", "declined": "failed", "regretted": "refunded"}
    codes = {"given": None, "declined": "insufficient_funds", "regretted": None}
    paid = [key for key in ids if key != "declined"]
    facts = Facts(
        donations=[
            {
                "id": ids[key],
                "status": statuses[key],
                "failure_code": codes[key],
                "amount": 500,
                "currency": "EUR",
                "payment_id": f"pi_{key}" if key in paid else None,
            }
            for key in ids
        ],
        intents=[
            {
                "id": f"pi_{key}",
                "status": "succeeded" if key in paid else "requires_payment_method",
                "amount": 500,
                "currency": "eur",
                "metadata": {"donation_id": ids[key]},
            }
            for key in ids
        ],
        refunds=[{"metadata": {"donation_id": ids["regretted"]}}],
        mails=[ids[key] for key in paid],
        dead_letters=[("amply.donations.charge", ids["given"]), ("amply.outbox.sweep", None)],
    )
    ledger = Ledger(accepted=ids, refused=["no"], declined={"declined"}, regretted={"regretted"})
    return facts, ledger


def test_it_finds_nothing_where_all_is_right() -> None:
    facts, ledger = right()
    assert judge(ledger, facts) == []


def _of_a_stranger(row: dict[str, Any]) -> dict[str, Any]:
    return {**copy.deepcopy(row), "id": "stranger", "metadata": {"donation_id": "don_9"}}


def _give_up(donations: list[dict[str, Any]]) -> None:
    for row in donations[:2]:
        row.update(status="failed", failure_code="processing_abandoned", payment_id=None)


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("not in the database", lambda facts, _: facts.donations.pop()),
        ("no donor knows of", lambda facts, _: facts.donations.append({"id": "don_9"})),
        ("Two keys", lambda _, ledger: ledger.accepted.update(again="don_1")),
        ("final state", lambda facts, _: facts.donations[0].update(status="processing")),
        ("its card leads to", lambda facts, _: facts.donations[0].update(status="failed")),
        ("its card leads to", lambda _, ledger: ledger.declined.add("given")),
        ("Number of charges", lambda facts, _: facts.intents.append(facts.intents[0])),
        ("Number of charges", lambda facts, _: facts.intents.append(facts.intents[1])),
        ("Number of charges", lambda facts, _: facts.intents.pop(0)),
        ("Stripe disagrees", lambda facts, _: facts.intents[1].update(status="succeeded")),
        ("Another amount", lambda facts, _: facts.intents[0].update(amount=501)),
        ("Another payment", lambda facts, _: facts.intents[0].update(id="pi_other")),
        (
            "A charge for no",
            lambda facts, _: facts.intents.append(_of_a_stranger(facts.intents[0])),
        ),
        ("Number of receipts", lambda facts, _: facts.mails.append("don_1")),
        ("Number of receipts", lambda facts, _: facts.mails.append("don_2")),
        ("Number of receipts", lambda facts, _: facts.mails.clear()),
        ("A receipt for no", lambda facts, _: facts.mails.append("don_9")),
        ("Number of refunds", lambda facts, _: facts.refunds.clear()),
        ("Number of refunds", lambda facts, _: facts.refunds.append(facts.refunds[0])),
        ("were given up", lambda facts, _: _give_up(facts.donations)),
        ("Not one", lambda facts, _: facts.donations.clear()),
        ("not refunded", lambda _, ledger: ledger.regretted.add("given")),
        ("A dead letter", lambda facts, _: facts.dead_letters.append(("charge", "don_9"))),
    ],
)
def test_it_finds_each_fault(what: str, change: Change) -> None:
    facts, ledger = right()
    change(facts, ledger)
    assert [fault for fault in judge(ledger, facts) if what in fault.what]
