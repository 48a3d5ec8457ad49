"""Cancel an order: read, decide, ask Shopify, follow its job to the end, record.

Cancelling is asynchronous in Shopify, and its job id says nothing about one order: what counts is `jobResult`
(2026-10) and the order's own `cancelledAt`.
"""

import time
from typing import Any

from orderdesk import forms, orders, submissions
from orderdesk.api import Call
from orderdesk.availability import CANCEL
from orderdesk.errors import AnswerLost, BadInput, Refused
from orderdesk.money import Money, presentment
from orderdesk.operations import Operation, Reply
from orderdesk.orders import Order
from orderdesk.shopify import document

#: Shopify's `OrderCancelReason`, as an agent reads it.
REASONS = {
    "CUSTOMER": "Customer changed or cancelled the order",
    "DECLINED": "Payment declined",
    "FRAUD": "Fraudulent order",
    "INVENTORY": "Items unavailable",
    "STAFF": "Staff error",
    "OTHER": "Other",
}

_POLL_SECONDS = (0.3, 0.5, 0.7, 1.0)


def show(call: Call) -> dict[str, Any]:
    """The form of a cancellation. Raises what opening a form may raise; nothing happens."""
    submissions.open_form(call, CANCEL)
    order = _read(call, call.order())
    left = order.standing.left
    back = f"{left} goes back to the original payment methods" if left else "No money was received, so none goes back"
    return forms.form(
        f"Cancel order {order.name}" + (f": refunds {left}" if left else ""),
        f"Cancel {order.name}",
        submissions.action_url(call, CANCEL, order, {}),
        forms.select(
            "reason", "Reason", [forms.Option(text, value) for value, text in REASONS.items()],
            placeholder="Select a reason", hint=f"{back}. Nothing is restocked. This cannot be undone.",
        ),
        forms.checkbox("notify", "Notify customer", "Send the customer Shopify's cancellation e-mail", default=True),
    )  # fmt: skip


def cancel(call: Call, reason: str, *, notify: bool) -> Reply:
    """Cancel the order. Raises OutcomeUnknown where Shopify is still at it when the time is up."""
    if reason not in REASONS:
        raise BadInput("Choose one of the reasons.", attr="reason")
    number = call.order()

    def do(operation: Operation) -> Reply:
        order = _read(call, number)
        operation.send(reason=REASONS[reason], currency=order.standing.left.currency)
        payload = call.shopify.mutate(
            document(__file__, "cancel"),
            order=orders.gid("Order", number),
            reason=reason,
            notify=notify,
            mark=operation.mark,
        )["orderCancel"]
        if payload is None:
            raise AnswerLost("Shopify gave no result.")
        if payload["orderCancelUserErrors"]:
            raise _refused(order, payload["orderCancelUserErrors"])
        return _followed(call, operation, order, payload)

    return submissions.carry_out(call, CANCEL, number, {"reason": reason, "notify": notify}, do)


def _followed(call: Call, operation: Operation, order: Order, payload: dict[str, Any]) -> Reply:
    """Ask until the order is cancelled or Shopify says that it will not be."""
    result = payload.get("jobResult") or {}
    followed = {
        "order": order.node["id"],
        "result": result.get("id") or order.node["id"],
        "hasResult": bool(result.get("id")),
    }
    tries = 0
    while True:
        data = _look(call, followed)
        now, job = data.get("order") or {}, data.get("node") or {}
        if now.get("cancelledAt"):
            return _cancelled(call, operation, order, now, payload)
        if job.get("status") == "FAILED":
            raise _refused(order, job.get("errors") or [])
        wait = _POLL_SECONDS[min(tries, len(_POLL_SECONDS) - 1)]
        if call.deadline.left() < wait + 1:
            raise AnswerLost("Shopify is still cancelling the order.")
        time.sleep(wait)
        tries += 1


def _look(call: Call, followed: dict[str, Any]) -> dict[str, Any]:
    """One look at the job and the order; a look that fails says nothing about the cancellation."""
    try:
        return call.shopify.read(document(__file__, "cancellation"), **followed)
    except Exception as failure:
        raise AnswerLost("Shopify could not be asked how the cancellation went.") from failure


def _cancelled(call: Call, operation: Operation, order: Order, now: dict[str, Any], payload: dict[str, Any]) -> Reply:
    before, after = presentment(order.node["totalRefundedSet"]), presentment(now["totalRefundedSet"])
    refunded = Money(after.amount - before.amount, after.currency)
    money = f"{refunded} goes back to the original payment methods." if refunded else "No money was to be refunded."
    return operation.succeed(
        f"Cancelled order {order.name}",
        f"{money} Nothing was restocked. The order is now: {orders.status(now)}.",
        amount=str(refunded.amount),
        currency=refunded.currency,
        shopify={
            "job": (payload.get("job") or {}).get("id", ""),
            "cancelled_at": now["cancelledAt"],
            "request_id": call.shopify.request_id,
        },
    )


def _refused(order: Order, errors: list[dict[str, Any]]) -> Refused:
    words = submissions.shopify_words(errors) or "no reason given"
    return Refused(f"Shopify did not cancel order {order.name}.", f"Nothing was changed. Shopify says: {words}")


def _read(call: Call, number: str) -> Order:
    data = call.shopify.read(document(__file__, "cancel_facts"), id=orders.gid("Order", number))
    customer = call.customer() if call.query.get("customer") else ""
    order = orders.read(data.get("order"), customer)
    orders.require(CANCEL, order)
    return order
