"""Email addresses and phone numbers, as people write them."""

from hypothesis import given
from hypothesis import strategies as st

from orderdesk import customers


@given(st.text(max_size=80))
def test_nonsense_is_neither_email_nor_phone(text):
    assert customers.email(text) is None or "@" in text
    phone = customers.phone(text, "US")
    assert phone is None or phone.startswith("+")


@given(st.emails() | st.text(max_size=30), st.emails() | st.text(max_size=30))
def test_email_addresses_that_differ_only_in_ascii_case_are_equal(one, another):
    if customers.email(one) and customers.email(one) == customers.email(another):
        pairs = zip(one.strip(), another.strip(), strict=True)
        assert all(a == b or (a.isascii() and b.isascii() and a.lower() == b.lower()) for a, b in pairs)
