"""What people and banks do at Stripe itself: the services learn of it from Stripe alone."""

import asyncio
import random
from collections.abc import Iterable
from typing import Any

from tests.chaos.verdict.lists import Row, at_stripe, listed

_EVERY_SECONDS = 1.0
_REFUNDED_IN_PART = 0.06
_PARTS = (1, 1, 2, 3)  # thirds of the amount; all three refund the donation
_PAID_OUT = 0.1
_FAULTY = 0.5
_DONATIONS_PER_FAULT = 5  # more would pile up for calls that are rare, until none passes
_PATHS = ("payment_intents", "payment_intents/{}/confirm", "refunds", "checkout/sessions")


class Desk:
    """Refunds parts of charges, decides disputes, pays out, and has Stripe answer 500 at times."""

    def __init__(self, stripe: str, dice: random.Random, donations: int) -> None:
        self._http = at_stripe(stripe)
        self._dice = dice
        self._seen = set[str]()
        self._faults = 0
        self._most_faults = donations // _DONATIONS_PER_FAULT

    async def work(self, giving: "asyncio.Task[Any]") -> None:
        """Act every second until `giving` is done."""
        while not giving.done():
            await asyncio.sleep(_EVERY_SECONDS)
            await asyncio.to_thread(self._look)

    def finish(self, abouts: Iterable[str | None]) -> list[str]:
        """Leave nothing to be done, then charge for nobody; return those payments.

        `abouts` are the donations that the charges name, which none of them needs.
        """
        self._look()
        for path in _PATHS * self._faults:  # those that nobody ran into
            self._post(path.format("none"))
        return [self._charge(about) for about in abouts]

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _look(self) -> None:
        for charge in self._new("charges"):
            if charge["paid"] and self._dice.random() < _REFUNDED_IN_PART:
                self._refund(charge, self._dice.choice(_PARTS))
        for dispute in self._new("disputes"):
            self._decide(dispute["id"])
        if self._dice.random() < _PAID_OUT:
            payouts = self._post("test_helpers/payouts")["data"]
            if payouts and self._dice.random() < 0.5:
                self._post(f"test_helpers/payouts/{payouts[0]['id']}/fail")
        if self._faults < self._most_faults and self._dice.random() < _FAULTY:
            path = f"/{self._dice.choice(_PATHS).rpartition('}')[2].lstrip('/')}"
            when = self._dice.choice(("before", "after"))
            self._post("test_helpers/faults", path=path, when=when)
            self._faults += 1

    def _refund(self, charge: Row, parts: int) -> None:
        third = {"amount": str(charge["amount"] // 3)}
        for part in range(parts):
            rest = {} if part == 2 else third
            self._post("refunds", charge=charge["id"], **rest)

    def _decide(self, dispute_id: str) -> None:
        match self._dice.choice(("won", "lost", "open")):
            case "won":
                evidence = {"evidence[uncategorized_text]": "winning_evidence"}
                self._post(f"disputes/{dispute_id}", **evidence)
            case "lost":
                self._post(f"disputes/{dispute_id}/close")

    def _new(self, kind: str) -> list[Row]:
        new = []
        for one in listed(self._http, kind):
            if one["id"] in self._seen:
                break
            new.append(one)
        self._seen.update(one["id"] for one in new)
        return new

    def _charge(self, donation_id: str | None) -> str:
        about = {"metadata[donation_id]": donation_id} if donation_id else {}
        card = {"payment_method": "pm_card_visa", "confirm": "true"}
        return str(
            self._post("payment_intents", amount="4321", currency="eur", **card, **about)["id"]
        )

    def _post(self, path: str, /, **form: str) -> Row:
        """Return the object or the error, which is an answer: donors and staff act as well."""
        answer = self._http.post(f"/v1/{path}", data=form).json()
        return dict(answer.get("error", answer))
