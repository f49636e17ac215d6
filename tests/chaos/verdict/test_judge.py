"""The judge finds every fault, so a run without findings is meaningful."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos.people.donors import Ledger
from tests.chaos.verdict.books import Books
from tests.chaos.verdict.judge import Facts, judge

Change = Callable[[Facts, Ledger], Any]


def right_books() -> Books:
    """One charge for a donation, one for nobody, and a dispute."""
    return Books(
        strays=["pi_stray"],
        repairs=[3, 0],
        ours={"pi_given": 500, "ch_given": -33},
        stripes={"pi_given": 500, "ch_given": -33},
        our_disputes={"du_1": "lost"},
        disputes={"du_1": "lost"},
        differences={"pi_stray": "second_charge"},
        unassigned={"EUR": 700},
        amount_of_strays={"EUR": 700},
    )


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
                "refund_failure_code": None,
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
        refunds=[{"payment_intent": "pi_regretted", "amount": 500, "status": "succeeded"}],
        mails=[ids[key] for key in paid],
        answered=[ids[key] for key in paid],
        dead_letters=[("amply.donations.charge", ids["given"]), ("amply.outbox.sweep", None)],
        books=right_books(),
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
        ("were sent again", lambda facts, _: facts.answered.extend(["don_1"] * 4)),
        ("A receipt is missing", lambda facts, _: facts.mails.append("don_2")),
        ("A receipt is missing", lambda facts, _: facts.answered.clear()),
        ("A receipt for no", lambda facts, _: facts.mails.append("don_9")),
        ("Refunded though", lambda facts, _: facts.refunds.clear()),
        ("Refunded though", lambda facts, _: facts.refunds[0].update(amount=499)),
        ("Refunded though", lambda facts, _: facts.refunds[0].update(status="failed")),
        ("Refunded though", lambda facts, _: facts.donations[2].update(status="succeeded")),
        ("were given up", lambda facts, _: _give_up(facts.donations)),
        ("Not one", lambda facts, _: facts.donations.clear()),
        ("was not made", lambda _, ledger: ledger.regretted.add("given")),
        ("another amount than Stripe", lambda facts, _: facts.books.ours.update(po_1=-1)),
        ("another amount than Stripe", lambda facts, _: facts.books.stripes.update(ch_given=-34)),
        ("disputes are not", lambda facts, _: facts.books.our_disputes.update(du_1="won")),
        ("disputes are not", lambda facts, _: facts.books.our_disputes.clear()),
        ("stray charges are", lambda facts, _: facts.books.differences.clear()),
        ("stray charges are", lambda facts, _: facts.books.differences.update(pi_given="other")),
        ("account of stray", lambda facts, _: facts.books.unassigned.update(EUR=0)),
        ("was not enough", lambda facts, _: facts.books.repairs.append(1)),
        (
            "The ledger is wrong",
            lambda facts, _: facts.books.broken.update(unbalanced=["charge pi_1"]),
        ),
        ("A dead letter", lambda facts, _: facts.dead_letters.append(("charge", "don_9"))),
    ],
)
def test_it_finds_each_fault(what: str, change: Change) -> None:
    facts, ledger = right()
    change(facts, ledger)
    assert [fault for fault in judge(ledger, facts) if what in fault.what]
