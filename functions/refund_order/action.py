"""Refund an order: read what is left, compare with what the form showed, refund every tender, record."""

from typing import Any

from orderdesk import forms, orders, refunds, submissions
from orderdesk.api import Call
from orderdesk.availability import REFUND
from orderdesk.errors import AnswerLost, BadInput, Refused
from orderdesk.operations import UNKNOWN, Operation
from orderdesk.orders import Order
from orderdesk.replies import Reply
from orderdesk.shopify import document

from .plan import Plan, plan_of

#: The reasons offered where an admin has listed none.
REASONS = (
    "Customer changed their mind", "Damaged or faulty", "Wrong item received", "Not as described",
    "Late or lost in delivery", "Ordered by mistake", "Goodwill", "Other",
)  # fmt: skip


def show(call: Call) -> dict[str, Any]:
    """The form of a refund. Raises what opening a form may raise; nothing happens."""
    submissions.open_form(call, REFUND)
    order, plan = _read(call, call.order())
    reasons = call.settings.reasons or REASONS
    return forms.form(
        f"Refund order {order.name}: {plan.total}",
        f"Refund {plan.total}",
        submissions.action_url(call, REFUND, order, submissions.amount_shown(plan.total)),
        forms.select(
            "reason", "Reason", [forms.Option(r, r) for r in reasons], placeholder="Select a reason",
            hint=f"{plan.destinations()}. Shipping and duties included; nothing is restocked.",
        ),
        forms.checkbox("notify", "Notify customer", "Send the customer Shopify's refund e-mail", default=True),
    )  # fmt: skip


def refund(call: Call, reason: str, *, notify: bool) -> Reply:
    """Refund all that is left. Raises Changed where that is not what the form showed."""
    if reason not in (call.settings.reasons or REASONS):
        raise BadInput("Choose one of the reasons.", attr="reason")
    number = call.order()
    values = {"reason": reason, "notify": notify}

    def do(operation: Operation) -> Reply:
        order, plan = _read(call, number)
        submissions.require_same_amount(operation, plan.total, plan.destinations())
        return _refund(call, operation, order, plan, reason, notify)

    return submissions.carry_out(call, REFUND, number, values, do)


def _refund(call: Call, operation: Operation, order: Order, plan: Plan, reason: str, notify: bool) -> Reply:
    operation.send(reason=reason)
    payload = call.shopify.mutate(
        document(__file__, "refund"),
        safe_to_repeat=True,
        input=plan.refund_input(f"{reason} ({operation.mark})", notify),
        key=operation.key,
    )["refundCreate"]
    if payload is None:
        raise AnswerLost("Shopify gave no result.")
    if payload["userErrors"]:
        words = submissions.shopify_words(payload["userErrors"])
        raise Refused(f"Shopify did not refund order {order.name}.", f"Nothing was refunded. Shopify says: {words}")
    after = orders.status(payload["order"] or order.node)
    outcome = refunds.outcome(order.name, payload["refund"], after, call.shopify.request_id)
    return operation.under_way(outcome) if outcome.state == UNKNOWN else operation.conclude(outcome)


def _read(call: Call, number: str) -> tuple[Order, Plan]:
    data = call.shopify.read(document(__file__, "refund_facts"), id=orders.gid("Order", number))
    customer = call.customer() if call.query.get("customer") else ""
    order = orders.read(data.get("order"), customer)
    orders.require(REFUND, order)
    return order, plan_of(order.node)
