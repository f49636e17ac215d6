"""Stripe's lists: https://docs.stripe.com/api/pagination."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import stripe

from amply.payments.records import (
    ChargeRecord,
    DisputeMovement,
    DisputeRecord,
    Page,
    PayoutRecord,
    Record,
    RefundRecord,
    Resource,
)
from amply.payments.stripe_errors import unavailable

_MOST_IN_A_PAGE = 100  # Stripe's most; pragma: no mutate - or fewer
_EXPANDED = {Resource.CHARGES: "balance_transaction"}  # which alone knows the fee


class StripeRecords:
    """A reader of Stripe's lists; it changes nothing."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client

    def page(self, resource: Resource, since: datetime, after: str | None) -> Page:
        """See PaymentRecords.page."""
        query: dict[str, Any] = {
            "limit": _MOST_IN_A_PAGE,
            "created": {"gte": int(since.timestamp())},
        }
        if after is not None:
            query["starting_after"] = after
        if resource in _EXPANDED:
            query["expand"] = [f"data.{_EXPANDED[resource]}"]
        answer = self._ask(lambda: self._service(resource).list(query))
        records = [record for one in answer.data if (record := _READERS[resource](one))]
        return Page(records, answer.data[-1].id if answer.has_more else None)

    def retrieve(self, resource: Resource, record_id: str) -> Record | None:
        """See PaymentRecords.retrieve."""
        query = {"expand": [_EXPANDED[resource]]} if resource in _EXPANDED else {}
        one = self._ask(lambda: self._service(resource).retrieve(record_id, query))
        return _READERS[resource](one)

    def refunds_of(self, payment_id: str) -> Sequence[RefundRecord]:
        """See PaymentRecords.refunds_of."""
        query = {"payment_intent": payment_id, "limit": _MOST_IN_A_PAGE}
        answer = self._ask(lambda: self._client.v1.refunds.list(query))  # type: ignore[arg-type]
        newest_first = [_refund(one) for one in answer.auto_paging_iter()]
        return newest_first[::-1]

    def balance(self) -> dict[str, int]:
        """See PaymentRecords.balance; pending amounts count."""
        answer = self._ask(self._client.v1.balance.retrieve)
        total = Counter[str]()
        for part in (*answer.available, *answer.pending):
            total[part.currency.upper()] += part.amount
        return dict(total)

    def _service(self, resource: Resource) -> Any:  # noqa: ANN401 - the library has no common type
        return getattr(self._client.v1, resource.value)

    def _ask(self, question: Callable[[], Any]) -> Any:  # noqa: ANN401
        try:
            return question()
        except stripe.StripeError as error:
            raise unavailable(error) from error


def _charge(one: Any) -> ChargeRecord | None:  # noqa: ANN401
    if not (one.paid and one.captured):
        return None
    return ChargeRecord(
        id=one.id,
        payment_id=one.payment_intent or one.id,
        donation_id=getattr(one.metadata, "donation_id", None),
        amount=one.amount_captured,
        currency=one.currency.upper(),
        refunded=one.amount_refunded,
        fee=one.balance_transaction.fee if one.balance_transaction else 0,
        created_at=_instant(one.created),
    )


def _refund(one: Any) -> RefundRecord:  # noqa: ANN401
    has_failed = one.status in {"failed", "canceled"}
    return RefundRecord(
        id=one.id,
        payment_id=one.payment_intent or one.charge,
        amount=one.amount,
        currency=one.currency.upper(),
        failure_code=(getattr(one, "failure_reason", None) or one.status) if has_failed else None,
        created_at=_instant(one.created),
    )


def _dispute(one: Any) -> DisputeRecord:  # noqa: ANN401
    due_by = one.evidence_details.due_by
    movements = [
        DisputeMovement(moved.id, moved.amount, moved.fee, _instant(moved.created))
        for moved in one.balance_transactions
    ]
    return DisputeRecord(
        id=one.id,
        payment_id=one.payment_intent or one.charge,
        amount=one.amount,
        currency=one.currency.upper(),
        reason=one.reason,
        status=one.status,
        respond_by=_instant(due_by) if due_by else None,
        movements=tuple(movements),
        created_at=_instant(one.created),
    )


def _payout(one: Any) -> PayoutRecord:  # noqa: ANN401
    return PayoutRecord(
        id=one.id,
        amount=one.amount,
        currency=one.currency.upper(),
        has_failed=one.status in {"failed", "canceled"},
        created_at=_instant(one.created),
    )


_READERS: dict[Resource, Callable[[Any], Record | None]] = {
    Resource.CHARGES: _charge,
    Resource.REFUNDS: _refund,
    Resource.DISPUTES: _dispute,
    Resource.PAYOUTS: _payout,
}


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
