"""Money: the format of amounts, and the amounts that each currency accepts."""

import pytest
from pydantic import ValidationError

from amply.api.schemas import DonationIn
from amply.base.money import amount_fault, written

# https://docs.stripe.com/currencies#zero-decimal
ZERO_DECIMAL = (
    *("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW"),
    *("MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"),
)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (5000, "EUR", "50.00 EUR"),
        (5005, "EUR", "50.05 EUR"),
        (99, "USD", "0.99 USD"),
        (5000, "JPY", "5000 JPY"),
        (5000, "XOF", "5000 XOF"),
        (500, "ISK", "5.00 ISK"),
        *((1, currency, f"1 {currency}") for currency in ZERO_DECIMAL),
        (17500, "HUF", "175.00 HUF"),
        (5120, "KWD", "5.120 KWD"),
        (999_999_999_999, "IDR", "9999999999.99 IDR"),
    ],
)
def test_an_amount_as_people_write_it(amount: int, currency: str, text: str) -> None:
    assert written(amount, currency) == text


def accepts(amount: int, currency: str) -> bool:
    body = {"amount": amount, "currency": currency, "donor_email": "ada@example.org"}
    try:
        DonationIn.model_validate(body)
    except ValidationError:
        return False
    return True


# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, the table and the list
BOUNDS = {
    "USD": (50, 99_999_999),
    "AED": (200, 99_999_999),
    "AUD": (50, 99_999_999),
    "BRL": (50, 99_999_999),
    "CAD": (50, 99_999_999),
    "CHF": (50, 99_999_999),
    "CZK": (1500, 99_999_999),
    "DKK": (250, 99_999_999),
    "EUR": (50, 99_999_999),
    "GBP": (30, 99_999_999),
    "HKD": (400, 99_999_999),
    "HUF": (17500, 9_999_999_999),
    "INR": (50, 999_999_999),
    "JPY": (50, 9_999_999_999),
    "MXN": (1000, 99_999_999),
    "MYR": (200, 99_999_999),
    "NOK": (300, 99_999_999),
    "NZD": (50, 99_999_999),
    "PLN": (200, 99_999_999),
    "RON": (200, 99_999_999),
    "SEK": (300, 99_999_999),
    "SGD": (50, 99_999_999),
    "THB": (1000, 99_999_999),
    "COP": (50, 9_999_999_999),
    "IDR": (50, 999_999_999_999),
    "LBP": (50, 99_999_999_999),
}


@pytest.mark.parametrize("currency", BOUNDS)
def test_the_bounds_of_a_currency(currency: str) -> None:
    least, most = BOUNDS[currency]
    assert [accepts(amount, currency) for amount in (least - 1, least, most, most + 1)] == [
        False,
        True,
        True,
        False,
    ]
    assert accepts(least, currency.lower())


@pytest.mark.parametrize(
    ("currency", "amount"), [("KWD", 5125), ("BHD", 101), ("ISK", 550), ("UGX", 101)]
)
def test_the_last_digits_of_a_currency(currency: str, amount: int) -> None:
    step = 10 if currency in {"KWD", "BHD"} else 100
    assert not accepts(amount, currency)
    assert accepts(amount - amount % step + step, currency)
    digits = "0" if step == 10 else "00"
    assert amount_fault(amount, currency) == f"an amount in {currency} ends in {digits}"


@pytest.mark.parametrize("currency", ["XXX", "EURO", "BTC"])
def test_a_currency_that_stripe_does_not_charge(currency: str) -> None:
    assert not accepts(5000, currency)
