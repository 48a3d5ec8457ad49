"""Global ids, times and money, as Shopify writes them."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import count

_FIRST = 10572748226866
_ids = count(_FIRST, 32768)

DIGITS = {"BHD": 3, "CLP": 0, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "OMR": 3, "TND": 3, "VND": 0}
"""Digits after the point, of currencies that do not have two (ISO 4217)."""


def restart_ids() -> None:
    """Start the ids again, so that a newly seeded store always has the same ones."""
    global _ids
    _ids = count(_FIRST, 32768)


def gid(kind: str, number: int | None = None) -> str:
    """A global id of a kind; a new one unless the number is given."""
    return f"gid://shopify/{kind}/{number or next(_ids)}"


def iso(moment: datetime | None) -> str | None:
    """Shopify's DateTime: ISO 8601, UTC, without a fraction."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def money(amount: Decimal, currency: str) -> dict[str, str]:
    """A MoneyV2 as Shopify writes it: `15.0`, `7.35`, `12.345`."""
    text = f"{amount.normalize():f}"
    return {"amount": text if "." in text else f"{text}.0", "currencyCode": currency}


def rounded(amount: Decimal, currency: str) -> Decimal:
    """An amount rounded to the smallest unit of its currency, halves up."""
    return amount.quantize(Decimal(1).scaleb(-DIGITS.get(currency, 2)), ROUND_HALF_UP)


def share(total: Decimal, pieces: int, before: int, count: int, currency: str) -> Decimal:
    """The share of `count` pieces in the line's total, if `before` pieces were counted earlier.

    The shares of all pieces add up to the total, however they are divided. How Shopify rounds each share is not
    recorded.
    """
    if not pieces:
        return Decimal(0)
    until, from_ = (total * (before + count) / pieces, total * before / pieces)
    return rounded(until, currency) - rounded(from_, currency)
