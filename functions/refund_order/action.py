"""Refund an order: read what is left, compare with what the form showed, refund every tender, record."""

from typing import Any

from orderdesk import forms, movements, orders, refunds, submissions
from orderdesk.actions import REFUND
from orderdesk.api import Call
from orderdesk.errors import AnswerLost, BadInput, OrderdeskError, Refused, ShopifyUnavailable, StillRunning
from orderdesk.operations import RUNNING, UNDER_WAY, Operation
from orderdesk.orders import Order
from orderdesk.replies import Reply
from orderdesk.shopify import IN_PART, document

from .plan import Plan, plan_of

#: The reasons offered where an admin has listed none.
REASONS = (
    "Customer changed their mind", "Damaged or faulty", "Wrong item received", "Not as described",
    "Late or lost in delivery", "Ordered by mistake", "Goodwill", "Other",
)  # fmt: skip


#: So much of a reason is in the note. Shopify names no limit for it; those of its other notes are 255 and more.
_NOTE_CHARACTERS = 200


def show(call: Call) -> dict[str, Any]:
    """The form of a refund. Raises what opening a form may raise; nothing happens."""
    submissions.open_form(call, REFUND)
    order, plan = _read(call, call.order())
    submissions.require_not_running(call, REFUND, order)
    reasons = call.settings.reasons or REASONS
    shown = submissions.money_shown(plan.total, plan.destinations())
    return forms.form(
        f"Refund order {order.name}: {plan.total}",
        _button(plan),
        submissions.action_url(call, REFUND, order, shown | {"reasons": reasons}),
        forms.select(
            "reason", "Reason", [forms.Option(r, r) for r in reasons], placeholder="Select a reason",
            hint=f"{plan.destinations()}. Shipping and duties included; nothing is restocked.",
        ),
        forms.checkbox("notify", "Notify customer", "Send the customer Shopify's refund e-mail", default=True),
    )  # fmt: skip


def _button(plan: Plan) -> str:
    if plan.by_hand:
        return f"Record a refund of {plan.total}"
    return f"Refund {plan.moved}, record {plan.recorded}" if plan.recorded else f"Refund {plan.total}"


def refund(call: Call, reason: str, *, notify: bool) -> Reply:
    """Refund all that is left. Raises Changed where that is not what the form showed."""
    number = call.order()
    values = {"reason": reason, "notify": notify}

    def do(operation: Operation) -> Reply:
        # Those that the form offered, whatever an admin has listed since; one of an earlier version did not keep them.
        if reason not in operation.facts.get("reasons", call.settings.reasons or REASONS):
            raise BadInput("Choose one of the reasons.", attr="reason")
        order, plan = _read(call, number)
        submissions.require_same_money(operation, plan.total, plan.destinations())
        return _refund(call, operation, order, plan, reason, notify)

    return submissions.carry_out(call, REFUND, number, values, do)


def _refund(call: Call, operation: Operation, order: Order, plan: Plan, reason: str, notify: bool) -> Reply:
    operation.send(reason=reason)
    payload = call.shopify.mutate(
        document(__file__, "refund"),
        safe_to_repeat=True,
        input=plan.refund_input(_note(reason, operation.mark), notify),
        key=operation.key,
    )["refundCreate"]
    # A refund that is there was made, whatever else Shopify says beside it.
    errors = submissions.shopify_words(payload["userErrors"]) if payload and payload.get("userErrors") else ""
    if errors and not payload.get("refund"):
        raise _refused(order, errors)
    if not payload or not payload.get("refund"):
        raise AnswerLost("Shopify gave no result.")
    made = _whole(call, payload["refund"])
    # What the answer lacks of the order changes nothing about the refund; a refunded order has a payment status.
    now = payload.get("order") or {}
    after = orders.status(now) if now.get("displayFinancialStatus") else ""
    outcome = refunds.outcome(order.name, made, after, call.shopify.request_id)
    if errors:
        outcome = outcome._replace(detail=f"{outcome.detail} Shopify says beside it: {errors}")
    if outcome.state == RUNNING:
        raise StillRunning(outcome.message, outcome.detail, facts={"found": outcome._asdict()})
    return operation.under_way(outcome) if outcome.state == UNDER_WAY else operation.conclude(outcome)


def _whole(call: Call, refund: dict[str, Any]) -> dict[str, Any]:
    """The refund that was made, with all of its transactions. What hinders reading them says nothing about it."""
    try:
        return refunds.read_whole(call.shopify, refund)
    except OrderdeskError as failure:
        raise AnswerLost(failure.message) from None


def _note(reason: str, mark: str) -> str:
    """The refund's note. The mark at its end is what finds it again, so no limit of Shopify's may cut it off."""
    cut = reason if len(reason) <= _NOTE_CHARACTERS else f"{reason[: _NOTE_CHARACTERS - 1]}…"
    return f"{cut} ({mark})"


def _refused(order: Order, words: str) -> OrderdeskError:
    """Shopify's refusal. One that is about the key says that a request with it came before, and nothing of its end."""
    if "idempotency key" in words or "currently in progress" in words:
        return AnswerLost(words)
    return Refused(f"Shopify did not refund order {order.name}.", f"Nothing was refunded. Shopify says: {words}")


def _read(call: Call, number: str) -> tuple[Order, Plan]:
    """The order and its plan. A whole answer without Shopify's suggestion is asked for once more: without it the
    lines of the refund are not known."""
    order = _order(call, number)
    if _lacks_suggestion(order):
        order = _order(call, number)
    if _lacks_suggestion(order):
        raise ShopifyUnavailable(
            "Shopify does not say what can be refunded.", "Nothing was changed. Please try again in a minute.",
            code=IN_PART,
        )  # fmt: skip
    return order, plan_of(order.node)


def _lacks_suggestion(order: Order) -> bool:
    return not order.node.get("suggestedRefund") and bool(movements.held(order.node))


def _order(call: Call, number: str) -> Order:
    data = call.shopify.read(document(__file__, "refund_facts"), id=orders.gid("Order", number))
    customer = call.customer() if call.query.get("customer") else ""
    order = orders.read(data.get("order"), customer)
    orders.require(REFUND, order)
    orders.require_whole(order.node)
    return order
