"""Cancel an order: read, decide, ask Shopify, follow its job to the end, record."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from orderdesk import forms, movements, orders, shown_money
from orderdesk.context import Context
from orderdesk.errors import AnswerLost, Changed, OrderdeskError, Refused, StillRunning
from orderdesk.money import Money, presentment
from orderdesk.movements import Tender
from orderdesk.operations import RUNNING, UNDER_WAY, UNKNOWN, Operation, Outcome
from orderdesk.orders import Order
from orderdesk.shopify import Document, Sent, document, said
from orderdesk.worth import NOTHING, of_tenders

from . import record

if TYPE_CHECKING:
    from . import nodes

FACTS: Document[nodes.CancelFacts] = document(__file__, "facts")

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


class Cancellable(NamedTuple):
    """The order, and the payments that still have some of its money."""

    order: Order[nodes.CancelFactsOrder]
    tenders: list[Tender]

    @property
    def left(self) -> Money:
        """What can be refunded, in presentment currency."""
        return self.order.standing.left

    @property
    def where(self) -> str:
        """Where the money goes, in words."""
        return movements.destinations(self.tenders)

    @property
    def refunds(self) -> bool:
        """Whether Shopify is to refund "all" with the cancellation. Not while all that was paid is on its way back: it
        is not said whether Shopify would send it twice."""
        return bool(self.left) or not self.order.standing.on_its_way


def look(ctx: Context, order: Order[nodes.CancelFactsOrder]) -> Cancellable:
    """The order with its tenders."""
    return Cancellable(order, movements.left_by_tender(order.node))


def shown(ctx: Context, seen: Cancellable) -> dict[str, Any]:
    """The amount that goes back, and where it goes."""
    return shown_money.shown(seen.left, seen.where)


def changed(shown: Mapping[str, Any], seen: Cancellable) -> Changed | None:
    """More or less money would go back than the form showed, or elsewhere."""
    return shown_money.changed(shown, seen.left, seen.where)


def form(ctx: Context, seen: Cancellable, submit_to: str) -> dict[str, Any]:
    """The form, with what will be refunded."""
    name = seen.order.name
    return forms.form(
        f"Cancel order {name}" + (f": {_does(seen)}" if seen.left else ""),
        f"Cancel {name}",
        submit_to,
        forms.select(
            "reason", "Reason", [forms.Option(text, value) for value, text in REASONS.items()],
            placeholder="Select a reason",
            hint=f"{_money(seen)}. Nothing is restocked. You can't undo this.",
        ),
        forms.checkbox("notify", "Notify customer", "Send the customer Shopify's cancellation email", default=True),
    )  # fmt: skip


def submit(ctx: Context, operation: Operation, seen: Cancellable, *, reason: str, notify: bool) -> None:
    """Cancel the order. Raises StillRunning if Shopify has not finished when the time is up."""
    node = seen.order.node
    sent = operation.send(
        of_tenders(node, seen.tenders, seen.left) if seen.refunds else NOTHING,
        reason=REASONS[reason],
        currency=seen.left.currency,
        refunds=[orders.number(refund["id"]) for refund in node["refunds"]],
        refunding=seen.refunds,
    )
    _ask(ctx, operation, sent, seen, reason, notify)
    _follow(ctx, operation)


def _does(seen: Cancellable) -> str:
    """What cancelling does with the money that is left: `refunds $50.00 and records $79.00`."""
    left = seen.left
    recorded = left._replace(amount=movements.recorded(seen.tenders))
    moved = left._replace(amount=left.amount - recorded.amount)
    if not moved:
        return f"records a refund of {left}"
    return f"refunds {moved} and records {recorded}" if recorded else f"refunds {left}"


def _money(seen: Cancellable) -> str:
    """What becomes of the order's money, for the agent; no full stop at its end."""
    parts = [_goes_back(seen)]
    if seen.left and movements.authorized(seen.order.node):
        parts.append("Any amount that was only authorized is released")
    return ". ".join(parts + record.pending_payments(seen.order.node))


def _goes_back(seen: Cancellable) -> str:
    left, where, node = seen.left, seen.where, seen.order.node
    if left and seen.tenders and all(tender.by_hand for tender in seen.tenders):
        return where
    if left:
        moved = left._replace(amount=left.amount - movements.recorded(seen.tenders))
        back = f"{moved} goes back to the original payment methods"
        return f"{back}: {where}" if where else back
    if on_its_way := seen.order.standing.on_its_way:
        return f"Everything that was paid has been refunded or is on its way back ({on_its_way})"
    if presentment(node["totalReceivedSet"]) and not movements.all_gone_back(node):
        return "Shopify has no money left to refund and doesn't show that all of it was refunded, so no money goes back"
    if presentment(node["totalReceivedSet"]):
        return "Everything that was paid has been refunded or is on its way back"
    if movements.authorized(node):
        return "The payment was only authorized, so the authorization is released"
    return "No money was received, so there's nothing to refund"


def _ask(ctx: Context, operation: Operation, sent: Sent, seen: Cancellable, why: str, notify: bool) -> None:
    """Ask Shopify to cancel. Raises Refused, in its words, if it does not accept. A lost answer is followed as well."""
    try:
        answer: nodes.CancelOrder = ctx.shopify.mutate(
            document(__file__, "cancel"),
            sent,
            order=seen.order.node["id"],
            reason=why,
            notify=notify,
            refund=seen.refunds,
            reference=operation.reference,
        )
    except AnswerLost:
        return
    payload = answer["orderCancel"]
    errors = payload.get("orderCancelUserErrors") if payload else None
    if payload and (payload.get("job") or payload.get("jobResult") or not errors):
        # Shopify has accepted it, whatever else it says; without the right to read the result, the order is followed.
        operation.details["job_result"] = (payload.get("jobResult") or {}).get("id", "")
    elif errors:
        _doubt(ctx, operation, seen.order.name, said(errors))


def _doubt(ctx: Context, operation: Operation, order_name: str, words: str) -> None:
    """Look at the order before a refusal is believed: it may be about the very cancellation that was asked for, by a
    request that came before. Raises Refused, in Shopify's words, if the order says nothing else."""
    seen = _look(ctx, operation)
    if seen and (seen.state != UNKNOWN or "cancelled" in seen.entry):
        return
    if "in progress" in words:
        operation.details |= {"job_result": "", "in_progress": True}
    elif "already" not in words:
        no = record.refused(order_name, words)
        raise Refused(no.message, no.detail)


def _follow(ctx: Context, operation: Operation) -> None:
    """Ask until the order is cancelled or Shopify says that it will not be."""
    outcome: Outcome | None = None
    tries = 0
    while True:
        outcome = _look(ctx, operation) or outcome
        if outcome and outcome.state == UNDER_WAY:
            return operation.mark_under_way(outcome)
        if outcome and outcome.state not in (UNKNOWN, RUNNING):
            return operation.complete(outcome)
        wait = _POLL_SECONDS[min(tries, len(_POLL_SECONDS) - 1)]
        if ctx.deadline.left() < wait + 1:
            break
        time.sleep(wait)
        tries += 1
    if outcome and "job_result" in operation.details:
        raise StillRunning(outcome.message, outcome.detail, entry={"job_result": operation.details["job_result"]})
    raise AnswerLost("Shopify's answer did not arrive.")


def _look(ctx: Context, operation: Operation) -> Outcome | None:
    """One look at the job and the order; a look that fails says nothing about the cancellation."""
    try:
        return record.look(ctx.shopify, operation)
    except OrderdeskError:
        return None
