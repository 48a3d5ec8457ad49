"""orderCancel: refused at once, or a job that takes a while.

The words are recorded, except those about a pending payment and about a refund to store credit (which come from the
schema). That it closes fulfillment orders is not recorded.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from .defaults import node
from .orders import AUTHORIZATIONS, Order, Refund, Transaction
from .refunding import no_store_credit, to_store_credit
from .store import Job, Store
from .store_credit import pay_out
from .user_errors import refusal

STAFF_NOTE = 255


def cancel(
    store: Store, given: dict[str, Any], seconds: float, failure: str | None, back: Callable[..., Transaction]
) -> dict[str, Any]:
    """`orderCancel`. `seconds`: how long the job takes; `failure`: the job's error, if it is to fail."""
    order = store.order(given["orderId"])
    if refused := _refused(store, order, given):
        return {"job": None, "jobResult": None, "orderCancelUserErrors": [refused], "userErrors": [refused]}
    assert order
    job = Job(order, store.now() + timedelta(seconds=seconds), lambda: _cancelled(store, order, given, back), failure)
    # As recorded: cancellations at the same time share the id of their job.
    job.id = next((other.id for other in store.jobs if not other.done), job.id)
    store.jobs.append(job)
    return {
        "job": {"id": job.id, "done": False},
        "jobResult": job_result(job),
        "orderCancelUserErrors": [],
        "userErrors": [],
    }


def _refused(store: Store, order: Order | None, given: dict[str, Any]) -> dict[str, Any] | None:
    if len(given.get("staffNote") or "") > STAFF_NOTE:
        return refusal(["staffNote"], f"Staff note is too long. Maximum length is {STAFF_NOTE} characters.", "INVALID")
    if given.get("refund") is not None and given.get("refundMethod") is not None:
        message = "Only one of the arguments `refund` or `refund_method` is allowed."
        return refusal(["refund"], message, "INVALID")
    if order is None:
        return refusal(["orderId"], "Order does not exist", "NOT_FOUND")
    if order.cancelled:
        return refusal(["orderId"], "Cannot cancel an order that has already been canceled", "INVALID")
    if any(j.order is order and not j.done for j in store.jobs):
        return refusal(None, "Cancellation is already in progress", "INVALID")
    credit = (given.get("refundMethod") or {}).get("storeCreditRefund")
    if credit is not None and (words := no_store_credit(store, order, credit.get("expiresAt"))):
        return refusal(["refundMethod", "storeCreditRefund"], *words)
    if order.open_return:
        return refusal(["orderId"], "Cannot cancel an order that has returns", "INVALID")
    at_work = any(one.status == "IN_PROGRESS" for one in order.fulfillment_orders())
    if at_work or any(x.fulfilled for x in order.lines):
        return refusal(["orderId"], "Cannot cancel an order that has outstanding fulfillments", "INVALID")
    if any(t.kind in AUTHORIZATIONS and t.status == "PENDING" for t in order.transactions):
        return refusal(["orderId"], "Cannot cancel an order with pending payment authorizations", "INVALID")
    return None


def _cancelled(store: Store, order: Order, given: dict[str, Any], back: Callable[..., Transaction]) -> None:
    """What the job does: refund everything to its origin if asked for, and void what is authorized in any case,
    including the rest of an authorization that was captured in part (not recorded)."""
    now, held = store.now(), order.held()
    order.cancelled, order.cancel_reason, order.staff_note = now, given["reason"], given.get("staffNote")
    order.updated = now
    method, moves = given.get("refundMethod") or {}, list[Transaction]()
    if given.get("refund") or method.get("originalPaymentMethodsRefund"):
        moves = [back(order, p, amount) for p, amount in _left(order)]
    elif "storeCreditRefund" in method and order.net > 0:
        moves = [to_store_credit(order, order.net, back)]
    if moves:
        order.refunds.append(Refund(None, now, moves, order.shipping_left))
        order.transactions += moves
        pay_out(store, order, moves)
    for one in order.fulfillment_orders():
        one.cancelled, one.updated = True, now
    order.transactions += [
        Transaction("VOID", Decimal(0), one.gateway, one.shown, one.account, "SUCCESS", one, now) for one, _ in held
    ]


def _left(order: Order) -> list[tuple[Transaction, Decimal]]:
    """What each payment refunds: what is left of it, and no more than was not refunded to store credit."""
    rest, found = order.net, []
    for payment in order.payments():
        amount = min(order.left(payment), rest)
        if amount > 0:
            found.append((payment, amount))
            rest -= amount
    return found


def job_result(job: Job) -> dict[str, Any]:
    """An OrderCancelJobResult."""
    status = ("FAILED" if job.failure else "SUCCEEDED") if job.done else "STARTED"
    return node(
        "OrderCancelJobResult",
        id=job.result,
        done=job.done,
        status=status,
        errors=[refusal(None, job.failure, "INVALID")] if job.done and job.failure else [],
        order=lambda info: info.context.store.order_node(job.order),
    )
