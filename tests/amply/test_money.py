"""Money: how amounts are written, and which are accepted in which currency."""

import pytest
from pydantic import ValidationError

from amply.api.schemas import DonationIn
from amply.base.money import written

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


@pytest.mark.parametrize(
    ("currency", "least"),
    [("EUR", 50), ("eur", 50), ("JPY", 50), ("HUF", 17500), ("huf", 17500), ("CZK", 1500)],
)
def test_the_minimum_of_a_currency(currency: str, least: int) -> None:
    assert accepts(least, currency)
    assert not accepts(least - 1, currency)


@pytest.mark.parametrize(("amount", "taken"), [(99_999_999, True), (100_000_000, False)])
def test_the_maximum(amount: int, taken: bool) -> None:
    assert accepts(amount, "EUR") == taken


@pytest.mark.parametrize("currency", ["XXX", "EURO", "BTC"])
def test_a_currency_that_stripe_does_not_charge(currency: str) -> None:
    assert not accepts(5000, currency)
