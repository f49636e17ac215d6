"""The report of a run: the faults that it caused, and the results."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice

from tests.chaos.people.donors import Ledger
from tests.chaos.plan import Fault, Plan
from tests.chaos.stage.hooks import LossyHooks
from tests.chaos.stage.network import FaultySqs, SlowWire
from tests.chaos.verdict.judge import Facts, repeated

_MOST_OF_A_KIND = 3


@dataclass(frozen=True)
class Report:
    """The numbers of one run. `seconds`: until the last fault, and from then until all is done."""

    plan: Plan
    ledger: Ledger
    facts: Facts
    faults: list[Fault]
    blows: Counter[str]
    ended_by_themselves: Counter[str]
    sqs: FaultySqs
    wire: SlowWire
    hooks: LossyHooks
    seconds: tuple[float, float]

    def __str__(self) -> str:
        ledger, facts = self.ledger, self.facts
        ends = Counter(
            f"{row['status']} ({row['failure_code']})" if row["failure_code"] else row["status"]
            for row in facts.donations
        )
        dead = Counter(task for task, _ in facts.dead_letters)
        without = f", without {', '.join(self.plan.without)}" if self.plan.without else ""
        lines = {
            "Seed": f"{self.plan.seed}{without}",
            "Seconds": "{:.0f} of storm, {:.0f} until drained".format(*self.seconds),
            "Donations": f"{len(ledger.accepted)} accepted, {len(ledger.refused)} refused",
            "They ended as": _told(ends),
            "Receipts": f"{len(facts.mails)}, {repeated(facts.mails)} of them sent again",
            "Again after an answer": f"{repeated(facts.answered)}",
            **self._books(),
            "Charges tried": f"{len(facts.intents)}",
            "Donors were told": _told(ledger.answers),
            "Killed and restarted": f"{self.blows.total()}: {_told(self.blows)}",
            "Ended by themselves": _told(self.ended_by_themselves),
            "SQS was called": f"{self.sqs.calls.total()} times: {_told(self.sqs.calls)}",
            "SQS failed": f"{self.sqs.failed.total()} times: {_told(self.sqs.failed)}",
            "SQS doubled": f"{self.sqs.doubled} messages",
            "Stripe's answers lost": f"{self.wire.lost}",
            "Stripe's events": f"{self.hooks.delivered} delivered, {self.hooks.lost} lost",
            "Asked while it was away": f"{self.wire.refused} times",
            "Dead letters": _told(dead),
            "Faults": _told(Counter(fault.what for fault in self.faults)),
        }
        told = [f"{name + ':':<23}{value}" for name, value in lines.items()]
        return "\n".join([*told, *self._some_faults()])

    def _books(self) -> dict[str, str]:
        books, refunds = self.facts.books, self.facts.refunds
        refund_ends = Counter(refund["status"] for refund in refunds)
        kinds = _told(Counter(books.differences.values()))
        return {
            "Refunds": f"{len(refunds)}: {_told(refund_ends)}",
            "Disputes": _told(Counter(books.disputes.values())),
            "Postings' objects": f"{len(books.ours)}, {len(books.stripes)} at Stripe",
            "Repaired": ", then ".join(map(str, books.repairs)),
            "Stray charges": f"{len(books.strays)} made, reported: {kinds}",
        }

    def _some_faults(self) -> Iterator[str]:
        for _, alike in groupby(sorted(self.faults, key=_kind), key=_kind):
            yield from (f"  {fault}" for fault in islice(alike, _MOST_OF_A_KIND))


def _kind(fault: Fault) -> str:
    return fault.what


def _told(counted: Counter[str]) -> str:
    return ", ".join(f"{number} {what}" for what, number in counted.most_common()) or "none"
