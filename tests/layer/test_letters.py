"""Letters and digits: only A to Z are lower-cased, and digits of every script are converted."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from orderdesk.letters import lower, plain_digits

ROOT = Path(__file__).parents[2]


@given(st.text())
def test_lower_and_plain_digits_change_nothing_else(text):
    assert lower(text) == "".join(c.lower() if c.isascii() else c for c in text)
    assert len(plain_digits(text)) == len(text)
    assert all(
        a == b or (b in "0123456789" and int(a) == int(b)) for a, b in zip(text, plain_digits(text), strict=True)
    )


def test_digits_of_other_scripts_are_not_ids():
    """In Python `\\d` is any digit of Unicode, and a number is a key, or goes to Shopify as it is."""
    sources = [p for part in ("functions", "layers/orderdesk/orderdesk") for p in (ROOT / part).rglob("*.py")]
    assert len(sources) > 30
    assert [p.name for p in sources if "\\d" in p.read_text("utf-8").replace("`\\d`", "")] == []
