"""The bodies of requests and answers, with every bound that the OpenAPI document shows."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Header, Path
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationInfo,
    field_validator,
)

from amply.base.money import CURRENCIES, LARGEST_AMOUNT, Amount, Currency, amount_fault
from amply.donations.models import ABANDONED, EXPIRED, Status

# A receipt begins with the name: no line break of any kind, and nothing that a mail program makes a
# link of. A full stop ends a word or an initial: `Dr. J.R.R. Tolkien`, not `evil.example`.
_NOT_IN_NAMES = r"\x00-\x1f\x7f-\x9f\u2028\u2029:@<>"
_NAME = rf"^(?:[^.{_NOT_IN_NAMES}]|\.(?:[^.{_NOT_IN_NAMES}]\.)*(?:[ ,-]|$))+$"
# An address as SES accepts it: ASCII, with a host of labels.
# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = rf"^{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])$"
_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f"

Campaign = Annotated[
    str,
    Field(
        pattern="^[a-z0-9][a-z0-9-]*$",
        max_length=64,
        description="What the donation is for, by its short name.",
        examples=["winter-2026"],
    ),
]
DonationId = Annotated[
    str,
    Path(pattern="^[A-Za-z0-9_]+$", max_length=64, examples=["don_0123456789abcdef01234567"]),
]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]+$",
        max_length=255,
        description="A string of the client's choice, new for each donation that a donor intends. "
        "The same request repeated under its key is the same donation and gets the same answer.",
        examples=["6f1c9d1e-7b0a-4b57-9a3f-0c8f7a5d2e11"],
    ),
]
StaffsKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]+$",
        max_length=255,
        description="A string of the client's choice, new for each refund that staff intend.",
        examples=["0f7c2e0a-1d5e-4d5c-8a43-2f1b7d9e6c10"],
    ),
]


def _amounts_of(currencies: Iterable[str], rule: dict[str, JsonValue]) -> JsonValue:
    """Return the JSON schema of a rule for the amounts of these currencies."""
    codes: list[JsonValue] = [
        code for upper in sorted(currencies) for code in (upper, upper.lower())
    ]
    return {
        "if": {"properties": {"currency": {"enum": codes}}},
        "then": {"properties": {"amount": rule}},
    }


def _rules_of_currencies() -> list[JsonValue]:
    """Return what `_amount_fits_currency` checks, for the OpenAPI document."""
    currencies = defaultdict(list)
    for currency, rule in CURRENCIES.items():
        currencies[rule.minimum, rule.maximum, rule.step].append(currency)
    return [
        _amounts_of(codes, {"minimum": minimum, "maximum": maximum, "multipleOf": step})
        for (minimum, maximum, step), codes in currencies.items()
    ]


class DonationIn(BaseModel):
    """A donation as a donor sends it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"allOf": _rules_of_currencies()})

    currency: Currency
    amount: Amount
    donor_name: Annotated[
        str | None,
        Field(min_length=1, max_length=200, pattern=_NAME, examples=["Ada King"]),
    ] = None
    donor_email: Annotated[
        str,
        Field(
            max_length=254,
            pattern=_EMAIL,
            examples=["ada@example.org"],
        ),
    ]
    campaign: Campaign | None = None
    message: Annotated[
        str | None,
        Field(
            min_length=1, max_length=1000, pattern=rf"^[^{_CONTROL}]+$", examples=["Keep it up!"]
        ),
    ] = None
    payment_method: Annotated[
        str | None,
        Field(
            pattern="^pm_[A-Za-z0-9_]+$",
            max_length=255,
            description="A PaymentMethod of Stripe's that a task charges without the donor; if "
            "the bank wants to ask them, they get a link by mail. Left out, the donor pays on the "
            "page that `flow` says.",
        ),
    ] = None
    flow: Annotated[
        Literal["checkout", "elements"],
        Field(
            description="Where the donor pays: `checkout`, on Stripe's page at `checkout_url`; "
            "`elements`, on a page of your own, with Stripe's elements and `client_secret`.",
        ),
    ] = "checkout"

    @field_validator("amount", mode="after")
    @classmethod
    def _amount_fits_currency(cls, amount: int, fields: ValidationInfo) -> int:
        currency = fields.data.get("currency")  # not there if it is wrong itself
        if currency and (fault := amount_fault(amount, currency)):
            raise ValueError(fault)
        return amount


class _Donation(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str = Field(examples=["don_0123456789abcdef01234567"])
    amount: int
    currency: str
    campaign: str | None
    status: Status
    created_at: datetime


def _without_reason(code: str | None) -> str | None:
    return code if code in {None, ABANDONED, EXPIRED} else "declined"


class DonationOut(_Donation):
    """A donation without its donor, for anyone who knows its identifier.

    It does not show the bank's reason: somebody who tests stolen cards would learn which cards
    work.
    https://docs.stripe.com/disputes/prevention/card-testing
    """

    failure_code: Annotated[
        str | None,
        BeforeValidator(_without_reason),
        Field(
            description=f"`declined`; `{EXPIRED}` if the donor did not pay in time; "
            f"`{ABANDONED}` if the charge could not be made."
        ),
    ]


class DonationTaken(DonationOut):
    """An accepted donation, and how the donor can pay until they have."""

    checkout_url: str | None = Field(
        description="Stripe's page, for the donor alone. Redirect them there.",
        examples=["https://checkout.stripe.com/c/pay/cs_live_a1b2"],
    )
    client_secret: str | None = Field(
        description="For Stripe's elements on your page. Neither store nor log it.",
        examples=["pi_3Abc_secret_Def"],
    )


class RefundIn(BaseModel):
    """A part of a donation to refund. Without it, all that is left is refunded."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[
        int,
        Field(
            strict=True,
            ge=1,
            le=LARGEST_AMOUNT,
            description="In minor units of the donation's currency. A part needs an "
            "`Idempotency-Key`, so that a request that is repeated refunds it once.",
            examples=[1000],
        ),
    ]


class DonationRecord(_Donation):
    """A donation as staff see it."""

    amount_refunded: int = Field(default=0, description="What the donor has back.")
    failure_code: str | None
    donor_name: str | None
    donor_email: str
    message: str | None
    payment_id: str | None
    refund_id: str | None
    refund_requested_at: datetime | None
    refund_amount: int | None = Field(description="The part that is being refunded; null for all.")
    refund_failure_code: str | None
    updated_at: datetime


class ReceiptRecord(BaseModel):
    """The receipt of a donation; `copies` counts those after the first."""

    model_config = ConfigDict(from_attributes=True)

    donation_id: str
    sent_at: datetime | None = Field(description="When its last copy was sent.")
    copies: int


class DonationPage(BaseModel):
    """Some donations, newest first."""

    donations: list[DonationRecord]
    next_cursor: str | None = Field(description="Gives the page after this one; null at the end.")
