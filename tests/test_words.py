"""Money, text boxes and e-mail addresses, as people read and type them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderdesk import customers, forms, money, typed
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
def test_money_is_readable(amount, currency, text):
    assert str(Money(Decimal(amount), currency)) == text


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
def test_amounts_as_typed(text, amount):
    number = typed.number(text)
    assert (number and number.amount) == (None if amount is None else Decimal(amount))


def test_no_money_at_all():
    assert not money.presentment(None) and money.decimals("KWD") == 3


@given(st.text(alphabet=st.sampled_from("ab\\⏎\n ")))
def test_a_note_comes_back_as_it_was(note):
    shown = forms.one_line(note)
    assert "\n" not in shown
    assert forms.many_lines(shown) == note


def test_windows_line_breaks():
    assert forms.many_lines(forms.one_line("a\r\nb\rc")) == "a\nb\nc"
    assert forms.one_line("C:\\temp") == "C:\\temp"


@given(st.text(max_size=80))
def test_nonsense_is_no_address_and_no_phone(text):
    assert customers.email(text) is None or "@" in text
    phone = customers.phone(text, "US")
    assert phone is None or phone.startswith("+")
