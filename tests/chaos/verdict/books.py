"""The books at the end: our ledger and tables, laid beside Stripe's lists."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy.orm import Session

from amply.database.engines import sync_engine
from amply.reconciliation.invariants import faults
from tests.chaos.plan import Fault
from tests.chaos.verdict.lists import Row, at_stripe, listed

# One half of each posting; its name is the kind and the object of Stripe's that caused it.
_MOVED = """
    SELECT split_part(posting, ' ', 2) AS source, sum(amount) AS amount
    FROM ledger WHERE account = 'stripe' GROUP BY 1 HAVING sum(amount) <> 0
"""
_UNBALANCED = """
    SELECT posting FROM ledger GROUP BY posting
    HAVING sum(amount) <> 0 OR count(*) <> 2 OR count(DISTINCT currency) <> 1
"""
_DISPUTES = "SELECT id, status FROM disputes"
_DIFFERENCES = "SELECT source, kind FROM differences WHERE resolved_at IS NULL"
_UNASSIGNED = """
    SELECT currency, -sum(amount) AS amount FROM ledger WHERE account = 'unassigned' GROUP BY 1
"""


@dataclass(frozen=True)
class Books:
    """The records of Stripe and of Amply; amounts in minor units, summed over currencies."""

    strays: list[str] = field(default_factory=list)
    """The payments that were made for nobody."""
    repairs: list[int] = field(default_factory=list)
    """How much each reconciliation repaired; one is enough."""
    ours: dict[str, int] = field(default_factory=dict)
    """What each object of Stripe's moved, in our ledger."""
    stripes: dict[str, int] = field(default_factory=dict)
    """The same, in Stripe's balance transactions."""
    our_disputes: dict[str, str] = field(default_factory=dict)
    disputes: dict[str, str] = field(default_factory=dict)
    differences: dict[str, str] = field(default_factory=dict)
    """The kind of each difference by its payment."""
    unassigned: dict[str, int] = field(default_factory=dict)
    amount_of_strays: dict[str, int] = field(default_factory=dict)
    broken: dict[str, list[str]] = field(default_factory=dict)
    """The rules of the ledger that do not hold, each with postings or donations."""


def gather_books(database_url: str, stripe: str, strays: list[str], repairs: list[int]) -> Books:
    """Ask both sides."""
    with at_stripe(stripe) as http:
        charges = {one["id"]: one for one in listed(http, "charges")}
        of_strays = _amounts(one for one in charges.values() if one["payment_intent"] in strays)
        stripes = _moved(listed(http, "balance_transactions"), charges)
        disputes = {one["id"]: one["status"] for one in listed(http, "disputes")}
    with psycopg.connect(database_url, row_factory=dict_row) as connection:

        def ask(query: str) -> list[Row]:
            return connection.execute(query).fetchall()

        return Books(
            strays=strays,
            repairs=repairs,
            ours={row["source"]: int(row["amount"]) for row in ask(_MOVED)},
            stripes=stripes,
            our_disputes={row["id"]: row["status"] for row in ask(_DISPUTES)},
            disputes=disputes,
            differences={row["source"]: row["kind"] for row in ask(_DIFFERENCES)},
            unassigned={row["currency"]: int(row["amount"]) for row in ask(_UNASSIGNED)},
            amount_of_strays=of_strays,
            broken=_broken(database_url, [row["posting"] for row in ask(_UNBALANCED)]),
        )


def judge_books(books: Books) -> Iterator[Fault]:
    """Everything in the books that must not be."""
    for source in sorted(books.ours.keys() | books.stripes.keys()):
        ours, theirs = books.ours.get(source, 0), books.stripes.get(source, 0)
        if ours != theirs:
            yield Fault("The ledger has another amount than Stripe", f"{source}: {ours}, {theirs}")
    if books.our_disputes != books.disputes:
        differ = books.our_disputes.items() ^ books.disputes.items()
        yield Fault("Our disputes are not Stripe's", sorted(differ))
    if books.differences.keys() != set(books.strays):
        yield Fault("Not the stray charges are reported", books.differences)
    if books.unassigned != books.amount_of_strays:
        told = f"{books.unassigned} instead of {books.amount_of_strays}"
        yield Fault("The account of stray charges", told)
    if books.repairs and books.repairs[-1]:
        yield Fault("One reconciliation was not enough", books.repairs)
    for rule, names in books.broken.items():
        yield Fault(f"The ledger is wrong: {rule}", names)


def _amounts(charges: Iterable[Row]) -> dict[str, int]:
    total = Counter[str]()
    for one in charges:
        total[one["currency"].upper()] += one["amount"]
    return dict(total)


def _moved(transactions: Iterator[Row], charges: dict[str, Row]) -> dict[str, int]:
    """Return what each object moved; a charge by its payment, its fee by the charge's own id."""
    moved = Counter[str]()
    for one in transactions:
        source = one["source"]
        if one["type"] == "charge":
            moved[charges[source]["payment_intent"]] += one["amount"]
            moved[source] -= one["fee"]
        elif one["type"] == "adjustment":  # a dispute's: each of its movements is posted
            moved[one["id"]] += one["net"]
        else:
            moved[source] += one["net"]
    return {source: amount for source, amount in moved.items() if amount}


def _broken(database_url: str, unbalanced: list[str]) -> dict[str, list[str]]:
    engine = sync_engine(database_url)
    with Session(engine) as session:
        broken: dict[str, Any] = faults(session)
    engine.dispose()
    return broken | ({"unbalanced, by the chaos's own query": unbalanced} if unbalanced else {})
