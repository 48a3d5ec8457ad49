"""Refund an order: read what is left, compare with what the form showed, refund every tender, record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from orderdesk import forms, movements, orders, refund_requests, refunds, shown_money
from orderdesk.actions import REFUND
from orderdesk.context import Context
from orderdesk.errors import BadInput, Changed
from orderdesk.operations import Operation
from orderdesk.orders import Order
from orderdesk.shopify import Document, document
from orderdesk.worth import of_tenders

from .plan import Plan, plan_of

if TYPE_CHECKING:
    from . import nodes

FACTS: Document[nodes.RefundFacts] = document(__file__, "facts")


class Refundable(NamedTuple):
    """The order, and the plan of its refund."""

    order: Order[nodes.RefundFactsOrder]
    plan: Plan


def look(ctx: Context, order: Order[nodes.RefundFactsOrder]) -> Refundable:
    """The order and its plan. Raises what `refund_requests.suggested` and `plan_of` raise."""
    order = refund_requests.suggested(order, _lacks_suggestion, lambda: orders.find(ctx, REFUND, FACTS))
    return Refundable(order, plan_of(order.node))


def shown(ctx: Context, seen: Refundable) -> dict[str, Any]:
    """The amount, where it goes, and the reasons to choose from."""
    plan = seen.plan
    return shown_money.shown(plan.total, plan.destinations()) | {"reasons": refund_requests.reasons(ctx.settings)}


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
            "reason", "Reason", [forms.Option(r, r) for r in refund_requests.reasons(ctx.settings)],
            placeholder="Select a reason",
            hint=f"{plan.destinations()}. Includes shipping and duties. Nothing is restocked.",
        ),
        forms.checkbox("notify", "Notify customer", "Send the customer Shopify's refund email", default=True),
    )  # fmt: skip


def submit(ctx: Context, operation: Operation, seen: Refundable, *, reason: str, notify: bool) -> None:
    """Refund all that is left. Raises StillRunning if Shopify shows no payment of the refund yet."""
    # Those that the form had, whatever an admin has listed since; one of an earlier version did not keep them.
    if reason not in operation.shown.get("reasons", refund_requests.reasons(ctx.settings)):
        raise BadInput("Choose one of the reasons.", attr="reason")
    sent = operation.send(of_tenders(seen.order.node, seen.plan.tenders, seen.plan.total), reason=reason)
    given = seen.plan.refund_input(refunds.note(reason, operation.reference), notify)
    makes: Document[nodes.RefundOrder] = document(__file__, "refund")
    refund_requests.carry_out(ctx, operation, sent, makes, given)


def _button(plan: Plan) -> str:
    if plan.by_hand:
        return f"Record a refund of {plan.total}"
    return f"Refund {plan.moved}, record {plan.recorded}" if plan.recorded else f"Refund {plan.total}"


def _lacks_suggestion(order: Order[nodes.RefundFactsOrder]) -> bool:
    return not order.node.get("suggestedRefund") and bool(movements.left_by_tender(order.node))
