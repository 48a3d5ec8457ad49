"""What became of an operation, by what Shopify's own record says: one function an action.

Each gives None while it cannot be known. "It did not happen" is only said some minutes after the sending, since
Shopify may still be at work on a request whose answer was lost.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from orderdesk import orders
from orderdesk.availability import CANCEL, DISCOUNT, NOTES, REFUND, TAGS
from orderdesk.money import presentment
from orderdesk.operations import Operation
from orderdesk.shopify import Client, document

#: How long after the sending a mark that is missing means that nothing happened.
SURELY_OVER = timedelta(minutes=5)


class Outcome(NamedTuple):
    """What is now known: whether it happened, the sentences, and the entry's facts."""

    happened: bool
    message: str
    detail: str
    facts: dict[str, Any]


def _refunded(client: Client, operation: Operation) -> Outcome | None:
    order = _order(client, operation, "refunds")
    name = operation.subject.order_name
    for refund in order.get("refunds") or []:
        if operation.mark in (refund.get("note") or ""):
            amount = presentment(refund["totalRefundedSet"])
            facts = {
                "amount": str(amount.amount),
                "currency": amount.currency,
                "shopify": {"refund": refund["id"]},
            }
            return Outcome(True, f"Refunded {amount} on order {name}", "Confirmed by a later look at Shopify.", facts)
    return _over(operation, f"Order {name} was not refunded")


def _cancelled(client: Client, operation: Operation) -> Outcome | None:
    order = _order(client, operation, "cancelled")
    name = operation.subject.order_name
    note = (order.get("cancellation") or {}).get("staffNote") or ""
    if order.get("cancelledAt") and operation.mark in note:
        detail = f"Confirmed by a later look at Shopify. The order is now: {orders.status(order)}."
        return Outcome(True, f"Cancelled order {name}", detail, {"shopify": {"cancelled_at": order["cancelledAt"]}})
    if order.get("cancelledAt"):
        return Outcome(False, f"Order {name} was cancelled by somebody else", "This request changed nothing.", {})
    return _over(operation, f"Order {name} was not cancelled")


def _code_created(client: Client, operation: Operation) -> Outcome | None:
    code = operation.draft["code"]
    data = client.read(document(__file__, "code"), code=code)
    node = data.get("codeDiscountNodeByCode") or {}
    if operation.mark in ((node.get("codeDiscount") or {}).get("title") or ""):
        facts = {"shopify": {"discount": node["id"]}}
        return Outcome(True, f"Created discount code {code}", "Confirmed by a later look at Shopify.", facts)
    return _over(operation, f"Discount code {code} was not created")


def _tags_changed(client: Client, operation: Operation) -> Outcome | None:
    tags = _order(client, operation, "tags").get("tags") or []
    name = operation.subject.order_name
    present = {t.casefold() for t in tags}
    added = all(t.casefold() in present for t in operation.draft["add"])
    removed = all(t not in tags for t in operation.draft["remove"])
    if added and removed:
        detail = f"Confirmed by a later look at Shopify. The tags are now: {', '.join(tags) or 'none'}."
        return Outcome(True, f"Edited tags of order {name}", detail, {})
    return _over(operation, f"The tags of order {name} were not changed as asked")


def _note_changed(client: Client, operation: Operation) -> Outcome | None:
    note = _order(client, operation, "tags").get("note") or ""
    name = operation.subject.order_name
    if hashlib.sha256(note.encode()).hexdigest() == operation.draft["note_sha256"]:
        return Outcome(True, f"Edited note of order {name}", "Confirmed by a later look at Shopify.", {})
    return _over(operation, f"The note of order {name} is not the one that was asked for")


def _over(operation: Operation, message: str) -> Outcome | None:
    if operation.age < SURELY_OVER:
        return None
    return Outcome(False, message, "Shopify's record shows no trace of this request. It may be tried again.", {})


def _order(client: Client, operation: Operation, name: str) -> dict[str, Any]:
    data = client.read(document(__file__, name), id=orders.gid("Order", operation.subject.order))
    order: dict[str, Any] = data.get("order") or {}
    return order


OUTCOMES: dict[str, Callable[[Client, Operation], Outcome | None]] = {
    CANCEL: _cancelled,
    REFUND: _refunded,
    DISCOUNT: _code_created,
    TAGS: _tags_changed,
    NOTES: _note_changed,
}
