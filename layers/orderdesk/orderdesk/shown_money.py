"""The money that a form shows, and what is said at the submit if that is no longer so."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from .errors import Changed
from .money import Money


def shown(amount: Money, where: str) -> dict[str, Any]:
    """What a form shows of an amount (presentment currency), and of the tenders it goes to (`where`, in words)."""
    return {"amount": str(amount.amount), "currency": amount.currency, "where": where}


def changed(before: Mapping[str, Any], now: Money, where: str) -> Changed | None:
    """None if amount and tenders are what the form showed; else what the agent is told, whose form is now good for
    `now` and `where`."""
    same_amount = Money(Decimal(before["amount"]), before["currency"]) == now
    # A form of an earlier version did not keep its tenders.
    if same_amount and before.get("where", where) == where:
        return None
    there = f" Now: {where}." if where else ""
    if same_amount:
        message, code = f"The {now} would now go back to different payment methods.", "tenders_changed"
    else:
        message = f"The amount to refund is now {now}." if now else "Nothing is left to refund."
        code = "amount_changed"
    again = f"continue with {now}" if now else "continue without a refund"
    return Changed(
        message,
        f"The order has changed since you opened this form, so nothing was done.{there} Submit again to {again}.",
        code=code,
        now=shown(now, where),
    )
