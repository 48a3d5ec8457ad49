"""An order's number as people write it: “Order #1001”, `1001`, full-width digits, or Shopify's confirmation number.

A search also finds similar numbers, so each result is compared with what was asked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orderdesk.letters import lower, plain_digits

if TYPE_CHECKING:
    from .nodes import OlderOrdersOrder, OrdersByNameOrder

#: Anything longer is not an order number. Shopify's have up to about 40 characters with prefix and suffix.
_CHARACTERS = 60

#: What people write before a number: a word, and the signs that go with it.
_BEFORE = re.compile(
    r"(?:order|confirmation)(?:\s+(?:number|num|no|nr|code)\b)?[\s.:#-]+|order(?=[0-9])|(?:number|num|no|nr|\u2116)[\s.:#]*(?=[0-9])"
)

#: Shopify's confirmation number: “randomly generated alpha-numeric” (schema: `Order.confirmationNumber`).
_CONFIRMATION = re.compile(r"[a-z0-9]{6,20}\Z")


def bare(text: str) -> str:
    """A number in the form in which numbers are compared: without `#`, plain digits, lower case. Empty if it is no
    number."""
    found = lower(plain_digits(text)).strip().lstrip("#\uff03").strip()
    return found if len(found) <= _CHARACTERS else ""


def spellings(text: str) -> frozenset[str]:
    """All numbers that a text may mean, in the form of `bare`: the whole text, and the text without a leading
    “Order”."""
    whole = bare(text)
    inner = bare(_BEFORE.sub("", whole, count=1)) if _BEFORE.match(whole) else whole
    return frozenset(one for one in (whole, inner, inner.rstrip(".,;:!?")) if one)


def search(wanted: frozenset[str]) -> str:
    """Shopify's search query for orders with these names or confirmation numbers (in the form of `bare`)."""
    parts = [f'name:"{_escaped(one)}"' for one in sorted(wanted)]
    parts += [f"confirmation_number:{one.upper()}" for one in sorted(wanted) if _CONFIRMATION.match(one)]
    return " OR ".join(parts)


def is_one_of(order: OlderOrdersOrder | OrdersByNameOrder, wanted: frozenset[str]) -> bool:
    """True if the order's name or confirmation number is one of these."""
    return bool({bare(order["name"]), bare(order.get("confirmationNumber") or "")} & wanted)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
