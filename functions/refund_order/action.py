"""Refund an order: read what is left, compare with what the form showed, refund every tender, record."""

from typing import Any

from orderdesk import forms, orders, submissions
from orderdesk.api import Call
from orderdesk.availability import REFUND
from orderdesk.errors import AnswerLost, BadInput, Changed, Failed, Refused
from orderdesk.money import Money, presentment
from orderdesk.operations import Operation, Reply
from orderdesk.orders import Order
from orderdesk.shopify import document

from .plan import Plan, plan_of

#: The reasons offered where an admin has listed none.
REASONS = (
    "Customer changed their mind", "Damaged or faulty", "Wrong item received", "Not as described",
    "Late or lost in delivery", "Ordered by mistake", "Goodwill", "Other",
)  # fmt: skip

_DONE = frozenset({"SUCCESS"})
_ON_ITS_WAY = frozenset({"SUCCESS", "PENDING", "AWAITING_RESPONSE"})


def show(call: Call) -> dict[str, Any]:
    """The form of a refund. Raises what opening a form may raise; nothing happens."""
    submissions.open_form(call, REFUND)
    order, plan = _read(call, call.order())
    reasons = call.settings.reasons or REASONS
    return forms.form(
        f"Refund order {order.name}: {plan.total}",
        f"Refund {plan.total}",
        submissions.action_url(call, REFUND, order, _facts(plan)),
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
        if operation.facts != _facts(plan):
            operation.facts = _facts(plan)
            raise Changed(
                f"The amount to refund is now {plan.total}.",
                f"It has changed since this form was opened. {plan.destinations()}. "
                f"Submit again to refund {plan.total}.",
                code="amount_changed",
            )
        return _refund(call, operation, order, plan, reason, notify)

    return submissions.carry_out(call, REFUND, number, values, do)


def _refund(call: Call, operation: Operation, order: Order, plan: Plan, reason: str, notify: bool) -> Reply:
    operation.send(reason=reason, amount=str(plan.total.amount), currency=plan.total.currency)
    note = f"{reason} ({operation.mark})"
    payload = call.shopify.mutate(
        document(__file__, "refund"),
        safe_to_repeat=True,
        input=plan.refund_input(note, notify),
        key=operation.key,
    )["refundCreate"]
    if payload is None:
        raise AnswerLost("Shopify gave no result.")
    if payload["userErrors"]:
        words = submissions.shopify_words(payload["userErrors"])
        raise Refused(f"Shopify did not refund order {order.name}.", f"Nothing was refunded. Shopify says: {words}")
    return _recorded(call, operation, order, payload)


def _recorded(call: Call, operation: Operation, order: Order, payload: dict[str, Any]) -> Reply:
    """A refund exists; only its transactions say whether money moves."""
    made = payload["refund"]
    moves = [t for t in made["transactions"]["nodes"] if t["kind"] == "REFUND"]
    stuck = [t for t in moves if t["status"] not in _ON_ITS_WAY]
    moved = sum((presentment(t["amountSet"]).amount for t in moves if t not in stuck), start=presentment(None).amount)
    currency = presentment(made["totalRefundedSet"]).currency
    amount = Money(moved, currency)
    facts = {
        "amount": str(amount.amount),
        "currency": currency,
        "shopify": {
            "refund": made["id"],
            "transactions": [t["id"] for t in moves],
            "request_id": call.shopify.request_id,
        },
    }
    where = "; ".join(_move(t) for t in moves)
    after = orders.status(payload["order"] or order.node)
    if stuck:
        raise Failed(
            f"Part of the refund of order {order.name} failed.",
            f"{amount} was refunded. {where}. Please look at the order in Shopify before anything else is done.",
            shopify=facts,
        )
    pending = "" if all(t["status"] in _DONE for t in moves) else " The payment provider is still working on it."
    return operation.succeed(
        f"Refunded {amount} on order {order.name}", f"{where}.{pending} The order is now: {after}.", **facts
    )


def _move(transaction: dict[str, Any]) -> str:
    words = {"SUCCESS": "to", "PENDING": "on its way to", "AWAITING_RESPONSE": "on its way to"}
    verb = words.get(transaction["status"], "could NOT be refunded to")
    tender = transaction.get("formattedGateway") or transaction["gateway"]
    return f"{presentment(transaction['amountSet'])} {verb} {tender}"


def _read(call: Call, number: str) -> tuple[Order, Plan]:
    data = call.shopify.read(document(__file__, "refund_facts"), id=orders.gid("Order", number))
    customer = call.customer() if call.query.get("customer") else ""
    order = orders.read(data.get("order"), customer)
    orders.require(REFUND, order)
    return order, plan_of(order.node)


def _facts(plan: Plan) -> dict[str, Any]:
    return {"amount": str(plan.total.amount), "currency": plan.total.currency}
