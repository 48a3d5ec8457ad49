"""Refund an order: read what is left, compare with what the form showed, refund every tender, record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from orderdesk import forms, movements, orders, refunds, shown_money
from orderdesk.actions import REFUND
from orderdesk.context import Context
from orderdesk.errors import (
    AnswerLost,
    BadInput,
    Changed,
    OrderdeskError,
    Refused,
    ShopifyUnavailable,
    StillRunning,
)
from orderdesk.operations import RUNNING, UNDER_WAY, Operation
from orderdesk.orders import Order
from orderdesk.shopify import IN_PART, Document, document, said
from orderdesk.worth import of_tenders

from .plan import Plan, plan_of

if TYPE_CHECKING:
    from orderdesk.shopify.nodes import OrderFacts, RefundMade

    from . import nodes

FACTS: Document[nodes.RefundFacts] = document(__file__, "facts")

#: The reasons to choose from if an admin has listed none.
REASONS = (
    "Customer changed their mind", "Damaged or faulty", "Wrong item received", "Not as described",
    "Late or lost in delivery", "Ordered by mistake", "Goodwill", "Other",
)  # fmt: skip


class Refundable(NamedTuple):
    """The order, and the plan of its refund."""

    order: Order[nodes.RefundFactsOrder]
    plan: Plan


def look(ctx: Context, order: Order[nodes.RefundFactsOrder]) -> Refundable:
    """The order and its plan. A whole answer without Shopify's suggestion is asked for once more: without it the
    lines of the refund are not known."""
    if _lacks_suggestion(order):
        order = orders.find(ctx, REFUND, FACTS)
    if _lacks_suggestion(order):
        raise ShopifyUnavailable(
            "Shopify doesn't say what can be refunded.", "Nothing was changed. Please try again in a minute.",
            code=IN_PART,
        )  # fmt: skip
    return Refundable(order, plan_of(order.node))


def shown(ctx: Context, seen: Refundable) -> dict[str, Any]:
    """The amount, where it goes, and the reasons to choose from."""
    plan = seen.plan
    return shown_money.shown(plan.total, plan.destinations()) | {"reasons": ctx.settings.reasons or REASONS}


def changed(shown: Mapping[str, Any], seen: Refundable) -> Changed | None:
    """More or less would be refunded than the form showed, or elsewhere."""
    return shown_money.changed(shown, seen.plan.total, seen.plan.destinations())


def form(ctx: Context, seen: Refundable, submit_to: str) -> dict[str, Any]:
    """The form, with the amount and where it goes."""
    plan = seen.plan
    return forms.form(
        f"Refund order {seen.order.name}: {plan.total}",
        _button(plan),
        submit_to,
        forms.select(
            "reason", "Reason", [forms.Option(r, r) for r in ctx.settings.reasons or REASONS],
            placeholder="Select a reason",
            hint=f"{plan.destinations()}. Includes shipping and duties. Nothing is restocked.",
        ),
        forms.checkbox("notify", "Notify customer", "Send the customer Shopify's refund email", default=True),
    )  # fmt: skip


def submit(ctx: Context, operation: Operation, seen: Refundable, *, reason: str, notify: bool) -> None:
    """Refund all that is left. Raises StillRunning if Shopify shows no payment of the refund yet."""
    # Those that the form had, whatever an admin has listed since; one of an earlier version did not keep them.
    if reason not in operation.shown.get("reasons", ctx.settings.reasons or REASONS):
        raise BadInput("Choose one of the reasons.", attr="reason")
    sent = operation.send(of_tenders(seen.order.node, seen.plan.tenders, seen.plan.total), reason=reason)
    answer: nodes.RefundOrder = ctx.shopify.mutate(
        document(__file__, "refund"),
        sent,
        safe_to_repeat=True,
        input=seen.plan.refund_input(refunds.note(reason, operation.reference), notify),
        key=operation.key,
    )
    payload = answer["refundCreate"] or {}
    # A refund that is there was made, whatever else Shopify says.
    errors = said(payload["userErrors"]) if payload.get("userErrors") else ""
    made = payload.get("refund")
    if errors and not made:
        raise _refused(seen.order.name, errors)
    if not made:
        raise AnswerLost("Shopify gave no result.")
    _conclude(ctx, operation, _whole(ctx, made), payload.get("order"), errors)


def _button(plan: Plan) -> str:
    if plan.by_hand:
        return f"Record a refund of {plan.total}"
    return f"Refund {plan.moved}, record {plan.recorded}" if plan.recorded else f"Refund {plan.total}"


def _conclude(ctx: Context, operation: Operation, made: RefundMade, now: OrderFacts | None, errors: str) -> None:
    """Say what became of the money of a refund that was made, with the `errors` that Shopify adds. `now`: its order."""
    # What the answer lacks of the order changes nothing about the refund; a refunded order has a payment status.
    after = orders.status(now) if now and now.get("displayFinancialStatus") else ""
    outcome = refunds.outcome(operation.subject.order_name, made, after, ctx.shopify.request_id)
    if errors:
        outcome = outcome._replace(detail=f"{outcome.detail} Shopify also says: {errors}")
    if outcome.state == RUNNING:
        raise StillRunning(outcome.message, outcome.detail, entry={"found": outcome._asdict()})
    if outcome.state == UNDER_WAY:
        operation.mark_under_way(outcome)
    else:
        operation.complete(outcome)


def _whole(ctx: Context, refund: RefundMade) -> RefundMade:
    """The refund that was made, with all of its transactions. What hinders reading them says nothing about it."""
    try:
        return refunds.read_whole(ctx.shopify, refund)
    except OrderdeskError as failure:
        raise AnswerLost(failure.message) from None


def _refused(order_name: str, words: str) -> OrderdeskError:
    """Shopify's refusal. One that is about the key says that a request with it came before, and nothing of its end."""
    if "idempotency key" in words or "currently in progress" in words:
        return AnswerLost(words)
    return Refused(f"Shopify didn't refund order {order_name}.", f"Nothing was refunded. Shopify says: {words}")


def _lacks_suggestion(order: Order[nodes.RefundFactsOrder]) -> bool:
    return not order.node.get("suggestedRefund") and bool(movements.left_by_tender(order.node))
