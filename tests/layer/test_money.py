"""Amounts as people read them."""

from decimal import Decimal

import pytest

from orderdesk import money
from orderdesk.money import Money


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("100.0", "USD", "$100.00"), ("1234.5", "USD", "$1234.50"),
        ("1000.0", "JPY", "¥1000"), ("1E+3", "JPY", "¥1000"),
        ("12.345", "KWD", "KWD 12.345"),
        ("7.1", "CAD", "CA$7.10"), ("0.005", "EUR", "€0.005"), ("5", "CHF", "CHF 5.00"),
    ],
)  # fmt: skip
def test_amount_is_formatted(amount, currency, text):
    assert str(Money(Decimal(amount), currency)) == text


def test_missing_amount_is_zero():
    assert not money.presentment(None) and money.decimals("KWD") == 3
