"""An order's number as people write it: “Order #1001”, `1001`, full-width digits, or Shopify's confirmation number.

A search finds what looks alike; whatever Shopify answers is compared with what was asked.
"""

import re
from collections.abc import Mapping
from typing import Any

from orderdesk.letters import lower, plain_digits

#: Longer ones are none. Shopify's own have up to some 40 characters with prefix and suffix.
_CHARACTERS = 60

#: What people write before a number: in words, and the signs that go with them.
_BEFORE = re.compile(
    r"(?:order|confirmation)(?:\s+(?:number|num|no|nr|code)\b)?[\s.:#-]+|order(?=[0-9])|(?:number|num|no|nr|\u2116)[\s.:#]*(?=[0-9])"
)

#: Shopify's confirmation number: “randomly generated alpha-numeric” (schema: `Order.confirmationNumber`).
_CONFIRMATION = re.compile(r"[a-z0-9]{6,20}\Z")


def bare(text: str) -> str:
    """A number as it is compared: without `#`, with plain digits, A to Z in lower case. Nothing if it is none."""
    found = lower(plain_digits(text)).strip().lstrip("#\uff03").strip()
    return found if len(found) <= _CHARACTERS else ""


def spellings(text: str) -> frozenset[str]:
    """All that a text may mean as a number, as `bare` writes it: as it stands, and without “Order” before it."""
    whole = bare(text)
    inner = bare(_BEFORE.sub("", whole, count=1)) if _BEFORE.match(whole) else whole
    return frozenset(one for one in (whole, inner, inner.rstrip(".,;:!?")) if one)


def search(wanted: frozenset[str]) -> str:
    """Shopify's search for orders of these names or confirmation numbers, as `bare` writes them."""
    parts = [f'name:"{_escaped(one)}"' for one in sorted(wanted)]
    parts += [f"confirmation_number:{one.upper()}" for one in sorted(wanted) if _CONFIRMATION.match(one)]
    return " OR ".join(parts)


def is_one_of(order: Mapping[str, Any], wanted: frozenset[str]) -> bool:
    """True if an order's name, or its confirmation number, is one of those."""
    return bool({bare(order["name"]), bare(order.get("confirmationNumber") or "")} & wanted)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
