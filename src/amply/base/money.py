"""Money: a whole number of minor units (cents, yen) and an ISO 4217 currency code."""

from typing import Annotated

from pydantic import AfterValidator, Field

# https://docs.stripe.com/currencies#presentment-currencies, those it charges by card.
_CARD_CURRENCIES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF
CHF CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ GYD HKD
HNL HTG HUF IDR ILS INR ISK JMD JPY KES KGS KHR KMF KRW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA
MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN PYG QAR
RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD STD SZL THB TJS TOP TRY TTD TWD TZS UAH UGX
USD UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
"""
CURRENCIES = frozenset(_CARD_CURRENCIES.split())

# Their smallest unit is the currency itself; that of all others we take is a hundredth of it.
# https://docs.stripe.com/currencies#zero-decimal
_ZERO_DECIMAL = frozenset(
    [
        *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"),
        *("PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"),
    ]
)
# Written with two decimals that must be zero: https://docs.stripe.com/currencies#special-cases
WHOLE_ONLY = frozenset({"ISK", "UGX"})

# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
SMALLEST_AMOUNT = 50
MINIMUMS = {
    "AED": 2_00,
    "CZK": 15_00,
    "DKK": 2_50,
    "HKD": 4_00,
    "HUF": 175_00,
    "MXN": 10_00,
    "MYR": 2_00,
    "NOK": 3_00,
    "PLN": 2_00,
    "RON": 2_00,
    "SEK": 3_00,
    "THB": 10_00,
}
"""The minimum of currencies whose minimum is larger."""
LARGEST_AMOUNT = 99_999_999


def written(amount: int, currency: str) -> str:
    """Return an amount as people write it: 5000 is "50.00 EUR", or "5000 JPY"."""
    if currency in _ZERO_DECIMAL:
        return f"{amount} {currency}"
    return f"{amount // 100}.{amount % 100:02} {currency}"


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
        max_length=3,
        description="ISO 4217 code.",
        examples=["EUR"],
        json_schema_extra={"enum": [*sorted(CURRENCIES), *sorted(map(str.lower, CURRENCIES))]},
    ),
    AfterValidator(_known),
]
