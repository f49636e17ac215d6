"""Donors on the page of the embedded Stripe, and donors who get a link by mail."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from enum import Enum
from pathlib import Path

import httpx

_PATIENCE_SECONDS = 1800.0
_PAUSE_SECONDS = 0.5

_ASKS = "pm_card_authenticationRequired"
_DECLINED = "pm_card_visa_chargeDeclinedInsufficientFunds"
_DISPUTED = "pm_card_createDispute"


class Way(Enum):
    """A way to pay: a saved card or buttons on pages, and the expected outcome."""

    SAVED = ("pm_card_visa", (), True, 57)
    SAVED_DECLINED = (_DECLINED, (), False, 10)
    SAVED_ASKED = (_ASKS, (("card", _ASKS), ("answer", "agree")), True, 8)
    SAVED_DISPUTED = (_DISPUTED, (), True, 4)
    SAVED_REFUND_FAILS = ("pm_card_refundFail", (), True, 2)
    PAGE = (None, (("card", "pm_card_visa"),), True, 7)
    PAGE_TWICE = (None, (("card", "pm_card_visa"), ("card", "pm_card_visa")), True, 3)
    PAGE_ASKED = (None, (("card", _ASKS), ("answer", "agree")), True, 3)
    PAGE_DISPUTED = (None, (("card", _DISPUTED),), True, 2)
    PAGE_REFUSED = (None, (("card", _ASKS), ("answer", "refuse")), False, 2)
    PAGE_DECLINED = (None, (("card", _DECLINED),), False, 2)

    def __init__(
        self,
        card: str | None,
        presses: tuple[tuple[str, str], ...],
        pays: bool,
        weight: int,
    ) -> None:
        self.card = card
        self.presses = presses
        self.pays = pays
        self.weight = weight
        pays_with = {card, *(value for _, value in presses)}
        self.is_disputed = _DISPUTED in pays_with


class Visitor:
    """A donor who insists on an answer of each page."""

    def __init__(
        self, http: httpx.AsyncClient, mailbox: Path, is_over: Callable[[str], Awaitable[bool]]
    ) -> None:
        self._http = http
        self._mailbox = mailbox
        self._is_over = is_over

    async def visit(self, donation_id: str, url: str | None, way: Way) -> bool:
        """Pay on a page, or let it expire; return False if the page is missing or silent."""
        url = url or await self._link(donation_id)
        if url is None:
            return False
        origin, _, session_id = url.rpartition("/pay/")
        path = f"/pay/{session_id}"
        for name, value in way.presses:
            answer = await self._insist(f"{origin}{path}", {name: value})
            if answer is None:
                return False
            location = answer.headers.get("Location", "")
            path = location if location.startswith("/bank/") else f"/pay/{session_id}"
        if way.pays:
            return True
        expiry = f"{origin}/v1/checkout/sessions/{session_id}/expire"
        return await self._insist(expiry, {}) is not None

    async def _link(self, donation_id: str) -> str | None:
        """Return the link that was mailed; None if the donation fails before, or in vain."""
        for _ in range(int(_PATIENCE_SECONDS / _PAUSE_SECONDS)):
            for mail in (self._mailbox / donation_id).glob("*-link*.eml"):
                link = re.search(r"http://\S+/pay/\S+", mail.read_text())
                return link and link.group()
            if await self._is_over(donation_id):
                return None
            await asyncio.sleep(_PAUSE_SECONDS)
        return None

    async def _insist(self, url: str, form: dict[str, str]) -> httpx.Response | None:
        headers = {"Authorization": "Bearer sk_test_donor"}
        for _ in range(int(_PATIENCE_SECONDS / _PAUSE_SECONDS)):
            try:
                return await self._http.post(url, data=form, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(_PAUSE_SECONDS)
        return None
