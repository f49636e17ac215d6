"""Money: a whole number of minor units (cents, yen) and an ISO 4217 currency code.

The rules of the currencies are Stripe's, as of 2026: https://docs.stripe.com/currencies
(sections "Supported presentment currencies", "Minor units in API amounts", "Special cases",
"Minimum and maximum charge amounts"). Stripe's minimum is of the currency that it settles in;
a charge that it converts must reach the equivalent, and is declined where it does not.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

_CARD_CURRENCIES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD
CAD CDF CHF CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF
GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP
LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR
PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SZL
THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
"""


@dataclass(frozen=True)
class Rule:
    """The amounts that Stripe charges in a currency, in its minor units."""

    decimals: int = 2
    step: int = 1
    minimum: int = 50
    maximum: int = 99_999_999


# The maximums are of cards. Where the page gives digits and an amount that differ (COP, HUF, LBP),
# the digits count: they are the lower bound.
_SPECIAL = {
    **dict.fromkeys(
        [
            *("BIF", "CLP", "DJF", "GNF", "KMF", "KRW", "MGA"),
            *("PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"),
        ],
        Rule(decimals=0),
    ),
    **dict.fromkeys(["BHD", "JOD", "KWD", "OMR", "TND"], Rule(decimals=3, step=10)),
    **dict.fromkeys(["ISK", "UGX"], Rule(step=100)),
    **dict.fromkeys(["AED", "MYR", "PLN", "RON"], Rule(minimum=2_00)),
    **dict.fromkeys(["NOK", "SEK"], Rule(minimum=3_00)),
    **dict.fromkeys(["MXN", "THB"], Rule(minimum=10_00)),
    "COP": Rule(maximum=9_999_999_999),
    "CZK": Rule(minimum=15_00),
    "DKK": Rule(minimum=2_50),
    "GBP": Rule(minimum=30),
    "HKD": Rule(minimum=4_00),
    "HUF": Rule(minimum=175_00, maximum=9_999_999_999),
    "IDR": Rule(maximum=999_999_999_999),
    "INR": Rule(maximum=999_999_999),
    "JPY": Rule(decimals=0, maximum=9_999_999_999),
    "LBP": Rule(maximum=99_999_999_999),
}
CURRENCIES = {code: _SPECIAL.get(code, Rule()) for code in _CARD_CURRENCIES.split()}
"""Every currency that we take, and its rule."""

SMALLEST_AMOUNT = min(rule.minimum for rule in CURRENCIES.values())
LARGEST_AMOUNT = max(rule.maximum for rule in CURRENCIES.values())


def written(amount: int, currency: str) -> str:
    """Return an amount as people write it: "50.00 EUR", "5000 JPY" or "5.000 KWD"."""
    decimals = CURRENCIES[currency].decimals
    return f"{Decimal(amount).scaleb(-decimals):.{decimals}f} {currency}"


def amount_fault(amount: int, currency: str) -> str | None:
    """Return why Stripe would not charge this amount, or None."""
    rule = CURRENCIES[currency]
    if amount < rule.minimum:
        return f"an amount in {currency} is at least {rule.minimum}"
    if amount > rule.maximum:
        return f"an amount in {currency} is at most {rule.maximum}"
    if amount % rule.step:
        return f"an amount in {currency} ends in {str(rule.step)[1:]}"
    return None


def _known(code: str) -> str:
    if (upper := code.upper()) not in CURRENCIES:
        msg = "not an ISO 4217 code that we take donations in"
        raise ValueError(msg)
    return upper


Amount = Annotated[
    int,
    Field(
        strict=True,
        ge=SMALLEST_AMOUNT,
        le=LARGEST_AMOUNT,
        description="In minor units of the currency: 5000 is 50.00 EUR, or 5000 JPY.",
        examples=[5000],
    ),
]
Currency = Annotated[
    str,
    Field(
        pattern="^[A-Za-z]{3}$",
        max_length=3,  # pragma: no mutate - the pattern allows no more
        description="ISO 4217 code.",
        examples=["EUR"],
        json_schema_extra={"enum": [*sorted(CURRENCIES), *sorted(map(str.lower, CURRENCIES))]},
    ),
    AfterValidator(_known),
]
