"""What Shopify's record says of a refund: right after it was made, and whenever one looks again.

A `Refund` that exists says nothing about money; its transactions do (schema: `Refund`, `OrderTransactionStatus`).
"""

from decimal import Decimal
from typing import Any

from .money import Money, presentment
from .operations import FAILED, SUCCEEDED, UNKNOWN, Outcome

_WORDS = {"SUCCESS": "to", "PENDING": "on its way to", "AWAITING_RESPONSE": "on its way to"}


def outcome(order_name: str, refund: dict[str, Any], after: str, request_id: str) -> Outcome:
    """The outcome of a refund (fragment `RefundMade`); `after` is how the order stands now, for a person.

    SUCCEEDED where all transactions did, UNKNOWN while the payment provider is at work on one, FAILED where one
    could not be refunded. The amount is what was refunded, in presentment currency.
    """
    moves = [t for t in refund["transactions"]["nodes"] if t["kind"] == "REFUND"]
    stuck = [t for t in moves if t["status"] not in _WORDS]
    waits = [t for t in moves if t["status"] in _WORDS and t["status"] != "SUCCESS"]
    amount = _sum(refund, [t for t in moves if t not in stuck])
    facts = {
        "amount": str(amount.amount),
        "currency": amount.currency,
        "shopify": {
            "refund": refund["id"],
            "transactions": [t["id"] for t in moves],
            "request_id": request_id,
        },
    }
    where = "; ".join(_move(t) for t in moves)
    if waits:
        detail = f"{where}. The payment provider is still working on it; the timeline will say how it ends."
        return Outcome(UNKNOWN, f"Refunding {amount} on order {order_name}", detail, facts)
    if stuck:
        which = "Part of the refund" if amount else "The refund"
        detail = f"{amount if amount else 'Nothing'} was refunded. {where}. Please look at the order in Shopify first."
        return Outcome(FAILED, f"{which} of order {order_name} failed.", detail, facts)
    detail = f"{where}. The order is now: {after}."
    return Outcome(SUCCEEDED, f"Refunded {amount} on order {order_name}", detail, facts)


def _sum(refund: dict[str, Any], moves: list[dict[str, Any]]) -> Money:
    amount = sum((presentment(t["amountSet"]).amount for t in moves), start=Decimal("0.0"))
    return Money(amount, presentment(refund["totalRefundedSet"]).currency)


def _move(transaction: dict[str, Any]) -> str:
    verb = _WORDS.get(transaction["status"], "could NOT be refunded to")
    return f"{presentment(transaction['amountSet'])} {verb} {tender(transaction)}"


def tender(transaction: dict[str, Any]) -> str:
    """The payment method of a transaction as a person knows it: `Visa •••• 4242`, `Gift card`."""
    name = transaction.get("formattedGateway") or transaction.get("gateway") or "the original payment"
    return f"{name} {transaction['accountNumber']}" if transaction.get("accountNumber") else name
