"""Donors: each asks either API, with an Idempotency-Key, until it gets a final answer."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from tests.chaos.people.visitors import Visitor, Way
from tests.chaos.plan import Fault, Plan

_PATIENCE_SECONDS = 1800.0  # longer than Stripe is away: without it there is no page
_PAUSE_SECONDS = 0.5
_TIMEOUT = httpx.Timeout(5.0, pool=None)
_LIMITS = httpx.Limits(max_connections=64)
_MOST_AT_ONCE = 200  # donors and messages: more would only wait, and poll meanwhile

_REFUSED = ({"amount": 1}, {"currency": "DOGE"}, {"donor_email": "nobody"}, {"payment": "cash"})


@dataclass(frozen=True)
class Gift:
    """A donation that a donor wants to make."""

    key: str
    body: dict[str, Any]
    is_refusable: bool  # out of the bounds of the OpenAPI document
    is_declined: bool  # by the donor's bank
    is_hasty: bool  # the button is pressed twice at the same time
    is_repeated: bool  # sent once more after it was taken
    is_reused: bool  # another donation is sent under its key
    is_regretted: bool  # staff refund it once it has succeeded
    way: Way  # to pay


@dataclass
class Ledger:
    """The answers that donors got."""

    accepted: dict[str, str] = field(default_factory=dict)
    """The donation's id by the donor's key."""
    refused: list[str] = field(default_factory=list)
    """Keys of donations that were refused."""
    declined: set[str] = field(default_factory=set)
    """Keys of donations whose card does not pay."""
    regretted: set[str] = field(default_factory=set)
    """Keys of donations that staff were told will be refunded."""
    faults: list[Fault] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    """How often each status was had, and each way of having none."""


def gifts(plan: Plan) -> list[Gift]:
    """Return all donations of a plan."""
    dice = plan.dice("gifts")
    return [_gift(dice) for _ in range(plan.donations)]


def _gift(dice: random.Random) -> Gift:
    key = str(UUID(int=dice.getrandbits(128)))
    body: dict[str, Any] = {
        "amount": dice.randint(50, 100_000),
        "currency": dice.choice(("EUR", "USD", "CHF")),
        "donor_email": f"{key}@example.org",
    }
    way = dice.choices(list(Way), weights=[way.weight for way in Way])[0]
    if way.card:
        body["payment_method"] = way.card
    is_refusable = dice.random() < 0.05
    is_declined = not way.pays
    if is_refusable:
        body |= dice.choice(_REFUSED)
    return Gift(
        key,
        body,
        is_refusable=is_refusable,
        is_declined=is_declined,
        is_hasty=dice.random() < 0.1,
        is_repeated=dice.random() < 0.1,
        is_reused=dice.random() < 0.05,
        # Stripe refunds no charge that is disputed. The others' refunds fail after they were made.
        is_regretted=dice.random() < (1.0 if way is Way.SAVED_REFUND_FAILS else 0.05)
        and not way.is_disputed,
        way=way,
    )


class Donors:
    """The donors of a plan. They arrive at its rate, or as fast as `waiting`, the messages in the
    queue, allows; and record their answers.
    """

    def __init__(
        self,
        plan: Plan,
        ports: Sequence[int],
        staff_key: str,
        mailbox: Path,
        waiting: Callable[[], int],
    ) -> None:
        self._mailbox = mailbox
        self._waiting = waiting
        self._present = 0
        self.ledger = Ledger()
        self._staff = {"Authorization": f"Bearer {staff_key}"}
        self._gifts = gifts(plan)
        self._rate = plan.rate
        self._dice = plan.dice("donors")
        self._addresses = [f"http://127.0.0.1:{port}" for port in ports]

    @property
    def told(self) -> str:
        """Return how many donors have their answer."""
        return f"{len(self.ledger.accepted) + len(self.ledger.refused)} of {len(self._gifts)}"

    async def give(self) -> None:
        """Make all donations; return once the last donor has an answer."""
        async with (
            httpx.AsyncClient(timeout=_TIMEOUT, limits=_LIMITS) as self._http,
            asyncio.TaskGroup() as donors,
        ):
            begun = asyncio.get_running_loop().time()
            for number, gift in enumerate(self._gifts):
                due = begun + number / self._rate
                await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
                await self._room()
                donors.create_task(self._give(gift))

    async def _room(self) -> None:
        while True:
            if self._present + self._waiting() < _MOST_AT_ONCE:
                return
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _give(self, gift: Gift) -> None:
        self._present += 1
        try:
            await self._come_and_go(gift)
        finally:
            self._present -= 1

    async def _come_and_go(self, gift: Gift) -> None:
        senders = 2 if gift.is_hasty else 1
        answers = await asyncio.gather(*(self._send(gift.key, gift.body) for _ in range(senders)))
        self._note(gift, answers)
        if gift.key not in self.ledger.accepted:
            return
        if gift.is_repeated:
            again = await self._send(gift.key, gift.body)
            self._must_be_equal(gift.key, [answers[0], again])
        if gift.is_reused:
            other = {**gift.body, "amount": gift.body["amount"] + 1}
            refused = await self._send(gift.key, other)
            if refused is not None and refused.status_code != 409:
                self._fault("Another donation was taken under a used key", gift.key)
        if gift.way.presses:
            await self._pay(gift, answers[0])
        if gift.is_regretted and gift.way.pays:
            await self._regret(gift.key)

    async def _send(self, key: str, body: dict[str, Any]) -> httpx.Response | None:
        return await self._insist("POST", "/donations", {"Idempotency-Key": key}, body)

    async def _pay(self, gift: Gift, answer: httpx.Response | None) -> None:
        """Open the page, press its buttons, and let the page expire if nothing is paid."""
        donation_id = self.ledger.accepted[gift.key]
        url = None if answer is None else answer.json()["checkout_url"]
        visitor = Visitor(self._http, self._mailbox, self._has_failed)
        if not await visitor.visit(donation_id, url, gift.way) and not (
            await self._has_failed(donation_id)  # the judge counts those that were given up
        ):
            self._fault("No page to pay on, or no answer of it", donation_id)

    async def _has_failed(self, donation_id: str) -> bool:
        found = await self._insist("GET", f"/donations/{donation_id}", {})
        return found is not None and found.json()["status"] == "failed"

    async def _regret(self, key: str) -> None:
        """Refund a donation once it has succeeded, if it succeeds in time."""
        path = f"/donations/{self.ledger.accepted[key]}"
        for _ in range(4 * 60):  # Stripe may be away
            found = await self._insist("GET", path, {})
            if found is None or found.json()["status"] in {"failed", "refunded"}:
                return
            if found.json()["status"] == "succeeded":
                break
            await asyncio.sleep(_PAUSE_SECONDS)
        answer = await self._insist("POST", f"{path}/refund", self._staff)
        if answer is not None and answer.status_code == 202:
            self.ledger.regretted.add(key)

    def _note(self, gift: Gift, answers: Sequence[httpx.Response | None]) -> None:
        if gift.is_declined:
            self.ledger.declined.add(gift.key)
        first = answers[0]
        if first is None:
            self._fault("No definite answer", gift.key)
        elif first.status_code == 201:
            self.ledger.accepted[gift.key] = first.json()["id"]
            self._must_be_equal(gift.key, answers)
        else:
            self.ledger.refused.append(gift.key)
        if first is not None and (first.status_code == 422) != gift.is_refusable:
            self._fault(f"Answered {first.status_code}", f"{gift.key} {first.text}")

    def _must_be_equal(self, key: str, answers: Sequence[httpx.Response | None]) -> None:
        told = {(answer.status_code, answer.text) for answer in answers if answer is not None}
        if len(told) > 1:
            self._fault("One key had different answers", key)

    async def _insist(
        self, method: str, path: str, headers: dict[str, str], body: dict[str, Any] | None = None
    ) -> httpx.Response | None:
        """Repeat a request until its status is final; return None after a minute."""
        deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            url = self._dice.choice(self._addresses) + path
            try:
                answer = await self._http.request(method, url, headers=headers, json=body)
            except httpx.TransportError as error:
                self.ledger.answers[type(error).__name__] += 1
            else:
                self.ledger.answers[str(answer.status_code)] += 1
                if answer.status_code < 500:
                    return answer
            await asyncio.sleep(self._dice.uniform(0.1, 0.5))
        return None

    def _fault(self, what: str, about: object) -> None:
        self.ledger.faults.append(Fault(what, about))
