"""What Shopify's record says of a cancellation: while its job runs, and whenever one looks again.

Cancelling is asynchronous in Shopify, and its job id says nothing about one order: what counts is `jobResult`
(2026-10) and the order's own `cancelledAt`. Whose cancellation it was, the staff note says.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from . import orders
from .claims import still_running
from .money import Money, presentment
from .operations import FAILED, REFUSED, SUCCEEDED, UNKNOWN, Operation, Outcome
from .shopify import Client, document

#: A cancellation and its refund bear about the same time, to the second.
_TOGETHER = timedelta(seconds=2)


def look(client: Client, operation: Operation) -> Outcome:
    """One look at the order and, where its id is known, at the job.

    Raises NotFound where Shopify does not show the order, and what `Client.read` raises.
    """
    job = operation.draft.get("job_result", "")
    order = orders.gid("Order", operation.subject.order)
    data = client.read(document(Path(__file__), "cancellation"), order=order, result=job or order, hasResult=bool(job))
    if not data.get("order"):
        raise orders.not_found()
    return _outcome(operation, data["order"], data.get("node") or {}, client.request_id)


def refused(order_name: str, words: str) -> Outcome:
    """Shopify did not cancel it, and said why."""
    detail = f"Nothing was changed. Shopify says: {words or 'no reason given'}"
    return Outcome(REFUSED, f"Shopify did not cancel order {order_name}.", detail, {})


def _outcome(operation: Operation, order: dict[str, Any], job: dict[str, Any], request_id: str) -> Outcome:
    name = operation.subject.order_name
    if job.get("status") == "FAILED":
        return refused(name, " ".join(str(e.get("message", "")).strip() for e in job.get("errors") or []))
    if not order.get("cancelledAt"):
        running = still_running(name)
        return Outcome(UNKNOWN, running.message, running.detail, {})
    if operation.mark not in ((order.get("cancellation") or {}).get("staffNote") or ""):
        return Outcome(REFUSED, f"Order {name} was cancelled by somebody else", "This request changed nothing.", {})
    return _cancelled(operation, order, job, request_id)


def _refunded(operation: Operation, order: dict[str, Any]) -> Money:
    """What went back by the cancellation itself: by the last refund there can be, made as the order was cancelled.

    One that somebody made in Shopify between sending and cancelling is none of it. Shopify names no refund's cause.
    """
    earlier = set(operation.draft["refunds"])
    later = [refund for refund in order.get("refunds") or [] if orders.number(refund["id"]) not in earlier]
    if later:
        last = max(later, key=lambda refund: str(refund["createdAt"]))
        made, cancelled = (datetime.fromisoformat(text) for text in (last["createdAt"], order["cancelledAt"]))
        if made >= cancelled - _TOGETHER:
            return presentment(last["totalRefundedSet"])
    return Money(Decimal("0.0"), orders.standing(order).left.currency)


def _cancelled(operation: Operation, order: dict[str, Any], job: dict[str, Any], request_id: str) -> Outcome:
    """It is cancelled by this operation; `left` is money that did not go back, or has not yet."""
    name, left = operation.subject.order_name, orders.standing(order).left
    refunded = _refunded(operation, order)
    facts = {
        "amount": str(refunded.amount),
        "currency": refunded.currency,
        "shopify": {"cancelled_at": order["cancelledAt"], "request_id": request_id},
    }
    if left and not job.get("done"):
        detail = f"It is cancelled, and {left} has yet to go back; the timeline will say how it ends."
        return Outcome(UNKNOWN, f"Shopify is still refunding order {name}.", detail, {})
    if left:
        detail = f"The order is cancelled, and {left} of what was paid was NOT refunded. Please look at it in Shopify."
        return Outcome(FAILED, f"Not all of the money of order {name} went back.", detail, facts)
    money = f"{refunded} goes back to the original payment methods." if refunded else "No money was to be refunded."
    detail = f"{money} Nothing was restocked. The order is now: {orders.status(order)}."
    return Outcome(SUCCEEDED, f"Cancelled order {name}", detail, facts)
