"""Amounts as people type them."""

from decimal import Decimal

import pytest

from orderdesk import typed


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("30", "30"),
        (" $30.50 ", "30.50"),
        ("10 %", "10"),
        ("1,5", None),
        ("", None),
        ("1.2.3", None),
        ("-1", None),
        ("١", "1"),
        ("10²", None),
    ],
)
def test_typed_amount_is_parsed(text, amount):
    number = typed.number(text)
    assert (number and number.amount) == (None if amount is None else Decimal(amount))
