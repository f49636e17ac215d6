"""The judge: compares the final state of all parties."""

import base64
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from tests.chaos.changes.mail import ANSWERED
from tests.chaos.people.donors import Ledger
from tests.chaos.plan import Fault
from tests.chaos.verdict.books import Books, judge_books
from tests.chaos.verdict.lists import Row, at_stripe, listed

_PAID = {"succeeded", "refunded"}
ABANDONED = "processing_abandoned"
EXPIRED = "payment_expired"

# A donation is given up when its workers die of it, again and again. Blows that come as dense as
# the storm's do that to one in a thousand; more of them is a recovery that gives up too soon.
_MOST_ABANDONED = 0.01

# SES knows no key, so that a sender who dies between its answer and our commit sends again, and who
# dies before the answer as well: docs/decisions/0006-receipts.md. The second is as frequent as the
# storm is dense. The first takes a blow within milliseconds, or a database that is away.
_MOST_DOUBLED = 0.01


@dataclass(frozen=True)
class Facts:
    """The contents of the database, Stripe, the mailbox and the dead-letter queue."""

    donations: list[Row] = field(default_factory=list)
    intents: list[Row] = field(default_factory=list)
    refunds: list[Row] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    """The donation's id of every receipt."""
    answered: list[str] = field(default_factory=list)
    """The same, of each receipt whose sender was told that it was sent."""
    dead_letters: list[tuple[str, str | None]] = field(default_factory=list)
    """Task, and the donation it is about."""
    books: Books = field(default_factory=Books)


def gather(
    database_url: str, stripe: str, mailbox: Path, dead: Iterable[str], books: Books
) -> Facts:
    """Collect the facts from all parties."""
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        donations = connection.execute("SELECT * FROM donations").fetchall()
    with at_stripe(stripe) as http:
        return Facts(
            donations=donations,
            intents=list(listed(http, "payment_intents")),
            refunds=list(listed(http, "refunds")),
            mails=list(_receipts_in(mailbox.glob("*/*.eml"))),
            answered=list(_receipts_in(_answered(mailbox))),
            dead_letters=[_letter(body) for body in dead],
            books=books,
        )


def judge(ledger: Ledger, facts: Facts) -> list[Fault]:
    """Return every fault."""
    as_one = [*_abandoned(facts), *_none_succeeded(ledger, facts), *_doubled(facts)]
    as_one.extend(judge_books(facts.books))
    return [*ledger.faults, *_strangers(ledger, facts), *_each(ledger, facts), *as_one]


def _abandoned(facts: Facts) -> Iterator[Fault]:
    abandoned = [row["id"] for row in facts.donations if row.get("failure_code") == ABANDONED]
    if len(abandoned) > max(1, _MOST_ABANDONED * len(facts.donations)):
        told = f"{len(abandoned)} of {len(facts.donations)}, one is {abandoned[0]}"
        yield Fault("Too many donations were given up", told)


def _none_succeeded(ledger: Ledger, facts: Facts) -> Iterator[Fault]:
    if not any(row.get("status") in _PAID for row in facts.donations):
        yield Fault("Not one donation succeeded", f"{len(ledger.accepted)} were accepted")


def repeated(donations: Sequence[str]) -> int:
    """Return how many of these receipts are about a donation that has one already."""
    return len(donations) - len(set(donations))


def _doubled(facts: Facts) -> Iterator[Fault]:
    again = repeated(facts.answered)
    if again > max(2, _MOST_DOUBLED * len(facts.mails)):
        told = f"{again} of {len(facts.mails)}, after an answer"
        yield Fault("Too many receipts were sent again", told)


def _strangers(ledger: Ledger, facts: Facts) -> Iterator[Fault]:
    """Return donations, charges and mails that belong to no accepted donation."""
    accepted = set(ledger.accepted.values())
    if len(accepted) != len(ledger.accepted):
        yield Fault("Two keys stand for one donation", len(ledger.accepted) - len(accepted))
    for donation in facts.donations:
        if donation["id"] not in accepted:
            yield Fault("A donation that no donor knows of", donation["id"])
    for intent in facts.intents:
        if _donation_of(intent) not in accepted and intent["id"] not in facts.books.strays:
            yield Fault("A charge for no accepted donation", intent["id"])
    for donation_id in facts.mails:
        if donation_id not in accepted:
            yield Fault("A receipt for no accepted donation", donation_id)
    for task, about in facts.dead_letters:
        if about is not None and about not in accepted:
            yield Fault("A dead letter about no accepted donation", f"{task} {about}")


def _each(ledger: Ledger, facts: Facts) -> Iterator[Fault]:
    rows = {row["id"]: row for row in facts.donations}
    intents: dict[str, list[Row]] = defaultdict(list)
    for intent in facts.intents:
        if intent["id"] not in facts.books.strays:
            intents[_donation_of(intent)].append(intent)
    answered, refunds = set(facts.answered), defaultdict[str, list[Row]](list)
    for refund in facts.refunds:
        refunds[refund["payment_intent"]].append(refund)
    for key, donation_id in ledger.accepted.items():
        if donation_id not in rows:
            yield Fault("An accepted donation is not in the database", donation_id)
            continue
        row = rows[donation_id]
        yield from _state(row, is_declined=key in ledger.declined)
        yield from _charges(row, intents[donation_id])
        of_it = refunds[row["payment_id"]]
        yield from _refunds(row, of_it, is_regretted=key in ledger.regretted)
        was_refunded = row["status"] == "refunded" or row["refund_failure_code"]
        if not was_refunded:  # a refund may come before the receipt, which is not sent then
            one = answered if row["status"] in _PAID else facts.mails
            yield from _receipts(row, is_sent=donation_id in one)


def _receipts(row: Row, *, is_sent: bool) -> Iterator[Fault]:
    if is_sent != (row["status"] in _PAID):
        told = f"{row['id']} ({row['status']}): {'one' if is_sent else 'none'}"
        yield Fault("A receipt is missing, or nobody should have it", told)


def _refunds(row: Row, refunds: Sequence[Row], *, is_regretted: bool) -> Iterator[Fault]:
    """Judge by what Stripe gave back: staff there refund in parts, and some refunds fail."""
    total = sum(refund["amount"] for refund in refunds if refund["status"] != "failed")
    has_failed = any(refund["status"] == "failed" for refund in refunds)
    if (row["status"] == "refunded") != (total == row["amount"]):
        told = f"{row['id']} is {row['status']}, and {total} of {row['amount']} are back"
        yield Fault("Refunded though the donor has not all, or not refunded", told)
    if (
        is_regretted
        and row["status"] != "refunded"
        and not (has_failed and row["refund_failure_code"])
    ):
        yield Fault("A refund that staff requested was not made", row["id"])


def _state(row: Row, *, is_declined: bool) -> Iterator[Fault]:
    status, code = row["status"], row["failure_code"]
    if status not in _PAID | {"failed"}:
        yield Fault("Not in a final state", f"{row['id']} is {status}")
    elif is_declined != (status == "failed") and code != ABANDONED:
        yield Fault("Not the state that its card leads to", f"{row['id']} is {status} ({code})")


def _charges(row: Row, intents: Sequence[Row]) -> Iterator[Fault]:
    succeeded = [intent for intent in intents if intent["status"] == "succeeded"]
    open_ones = [intent for intent in intents if not _is_harmless(intent, row)]
    if len(open_ones) != (row["failure_code"] not in {ABANDONED, EXPIRED}):
        statuses = ", ".join(intent["status"] for intent in open_ones)
        yield Fault("Number of charges", f"{row['id']} ({row['status']}): {statuses or 'none'}")
    if len(succeeded) != (row["status"] in _PAID):
        told = f"{row['id']} is {row['status']}, and {len(succeeded)} charges succeeded"
        yield Fault("Stripe disagrees", told)
    for intent in succeeded:
        if (intent["amount"], intent["currency"].upper()) != (row["amount"], row["currency"]):
            yield Fault("Another amount was charged", row["id"])
        if len(succeeded) == 1 and intent["id"] != row["payment_id"]:
            yield Fault("Another payment is noted", row["id"])


def _is_harmless(intent: Row, row: Row) -> bool:
    """Return True if it never was a charge: Stripe made it, and lost its answer for good (500)."""
    was_never_tried = intent["status"] == "requires_confirmation"
    is_other = bool(intent["id"] != row["payment_id"])
    return intent["status"] == "canceled" or (was_never_tried and is_other)


def _donation_of(intent: Row) -> str:
    return str(intent["metadata"].get("donation_id"))


def _answered(mailbox: Path) -> Iterator[Path]:
    return (mark.with_suffix(".eml") for mark in mailbox.glob(f"*/*{ANSWERED}"))


def _receipts_in(mails: Iterable[Path]) -> Iterator[str]:
    """Return the donation's id of each mail that is a receipt."""
    for mail in mails:
        for line in mail.read_text().splitlines():
            if line.startswith("Donation: "):  # a receipt, and no link to a page
                yield line.split()[1]


def _letter(body: str) -> tuple[str, str | None]:
    message = json.loads(base64.b64decode(body))
    _, arguments, _ = json.loads(base64.b64decode(message["body"]))
    return message["headers"]["task"], arguments.get("donation_id")
