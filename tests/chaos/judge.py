"""The judge: compares the final state of all parties."""

import base64
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg.rows import dict_row

from tests.chaos.donors import Ledger
from tests.chaos.plan import Fault

Row = dict[str, Any]

_PAID = {"succeeded", "refunded"}
ABANDONED = "processing_abandoned"
EXPIRED = "payment_expired"

# A donation is given up when its workers die of it, again and again. Blows that come as dense as
# the storm's do that to one in a thousand; more of them is a recovery that gives up too soon.
_MOST_ABANDONED = 0.01


@dataclass(frozen=True)
class Facts:
    """The contents of the database, Stripe, the mailbox and the dead-letter queue."""

    donations: list[Row] = field(default_factory=list)
    intents: list[Row] = field(default_factory=list)
    refunds: list[Row] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    """The donation's id of every mail."""
    dead_letters: list[tuple[str, str | None]] = field(default_factory=list)
    """Task, and the donation it is about."""


def gather(database_url: str, stripe: str, mailbox: Path, dead: Iterable[str]) -> Facts:
    """Collect the facts from all parties."""
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        donations = connection.execute("SELECT * FROM donations").fetchall()
    return Facts(
        donations=donations,
        intents=list(_listed(stripe, "payment_intents")),
        refunds=list(_listed(stripe, "refunds")),
        mails=list(_mails(mailbox)),
        dead_letters=[_letter(body) for body in dead],
    )


def judge(ledger: Ledger, facts: Facts) -> list[Fault]:
    """Return every fault."""
    as_one = [*_abandoned(facts), *_none_succeeded(ledger, facts)]
    return [*ledger.faults, *_strangers(ledger, facts), *_each(ledger, facts), *as_one]


def _abandoned(facts: Facts) -> Iterator[Fault]:
    abandoned = [row["id"] for row in facts.donations if row.get("failure_code") == ABANDONED]
    if len(abandoned) > max(1, _MOST_ABANDONED * len(facts.donations)):
        told = f"{len(abandoned)} of {len(facts.donations)}, one is {abandoned[0]}"
        yield Fault("Too many donations were given up", told)


def _none_succeeded(ledger: Ledger, facts: Facts) -> Iterator[Fault]:
    if not any(row.get("status") in _PAID for row in facts.donations):
        yield Fault("Not one donation succeeded", f"{len(ledger.accepted)} were accepted")


def _strangers(ledger: Ledger, facts: Facts) -> Iterator[Fault]:
    """Return donations, charges and mails that belong to no accepted donation."""
    accepted = set(ledger.accepted.values())
    if len(accepted) != len(ledger.accepted):
        yield Fault("Two keys stand for one donation", len(ledger.accepted) - len(accepted))
    for donation in facts.donations:
        if donation["id"] not in accepted:
            yield Fault("A donation that no donor knows of", donation["id"])
    for intent in facts.intents:
        if _donation_of(intent) not in accepted:
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
        intents[_donation_of(intent)].append(intent)
    mails, refunds = Counter(facts.mails), Counter(map(_donation_of, facts.refunds))
    for key, donation_id in ledger.accepted.items():
        if donation_id not in rows:
            yield Fault("An accepted donation is not in the database", donation_id)
            continue
        row = rows[donation_id]
        yield from _state(row, is_declined=key in ledger.declined)
        yield from _charges(row, intents[donation_id])
        if (row["status"] == "refunded") != (key in ledger.regretted):
            yield Fault("Refunded though nobody asked, or not refunded", donation_id)
        if row["status"] != "refunded" or mails[donation_id] > 1:  # which may come before the mail
            yield from _number("receipts", row, _PAID, mails[donation_id])
        yield from _number("refunds", row, {"refunded"}, refunds[donation_id])


def _number(what: str, row: Row, where: set[str], found: int) -> Iterator[Fault]:
    owed = 1 if row["status"] in where else 0
    if found != owed:
        told = f"{row['id']} ({row['status']}): {found} instead of {owed}"
        yield Fault(f"Number of {what}", told)


def _state(row: Row, *, is_declined: bool) -> Iterator[Fault]:
    status, code = row["status"], row["failure_code"]
    if status not in _PAID | {"failed"}:
        yield Fault("Not in a final state", f"{row['id']} is {status}")
    elif is_declined != (status == "failed") and code != ABANDONED:
        yield Fault("Not the state that its card leads to", f"{row['id']} is {status} ({code})")


def _charges(row: Row, intents: Sequence[Row]) -> Iterator[Fault]:
    succeeded = [intent for intent in intents if intent["status"] == "succeeded"]
    open_ones = [intent for intent in intents if intent["status"] != "canceled"]
    if len(open_ones) != (row["failure_code"] not in {ABANDONED, EXPIRED}):
        yield Fault("Number of charges", f"{row['id']} ({row['status']}): {len(open_ones)}")
    if len(succeeded) != (row["status"] in _PAID):
        told = f"{row['id']} is {row['status']}, and {len(succeeded)} charges succeeded"
        yield Fault("Stripe disagrees", told)
    for intent in succeeded:
        if (intent["amount"], intent["currency"].upper()) != (row["amount"], row["currency"]):
            yield Fault("Another amount was charged", row["id"])
        if len(succeeded) == 1 and intent["id"] != row["payment_id"]:
            yield Fault("Another payment is noted", row["id"])


def _donation_of(intent: Row) -> str:
    return str(intent["metadata"].get("donation_id"))


def _listed(stripe: str, what: str) -> Iterator[Row]:
    query = {"limit": "100"}
    with httpx.Client(base_url=stripe, headers={"Authorization": "Bearer sk_test_judge"}) as http:
        while True:
            page = http.get(f"/v1/{what}", params=query).raise_for_status().json()
            yield from page["data"]
            if not page["has_more"]:
                return
            query["starting_after"] = page["data"][-1]["id"]


def _mails(mailbox: Path) -> Iterator[str]:
    for mail in mailbox.glob("*.eml"):
        for line in mail.read_text().splitlines():
            if line.startswith("Donation: "):  # a receipt, and no link to a page
                yield line.split()[1]


def _letter(body: str) -> tuple[str, str | None]:
    message = json.loads(base64.b64decode(body))
    _, arguments, _ = json.loads(base64.b64decode(message["body"]))
    return message["headers"]["task"], arguments.get("donation_id")
