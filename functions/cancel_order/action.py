"""Cancel an order: read, decide, ask Shopify, follow its job to the end, record."""

import time
from typing import Any

from orderdesk import cancellations, forms, movements, orders, submissions
from orderdesk.actions import CANCEL
from orderdesk.api import Call
from orderdesk.errors import AnswerLost, BadInput, OrderdeskError, Refused, StillRunning
from orderdesk.money import Money, presentment
from orderdesk.movements import Tender
from orderdesk.operations import RUNNING, UNDER_WAY, UNKNOWN, Operation, Outcome
from orderdesk.orders import Order
from orderdesk.replies import Reply
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
    submissions.require_not_running(call, CANCEL, order)
    left, tenders = order.standing.left, movements.held(order.node)
    shown = submissions.money_shown(left, movements.destinations(tenders))
    return forms.form(
        f"Cancel order {order.name}" + (f": {_does(left, tenders)}" if left else ""),
        f"Cancel {order.name}",
        submissions.action_url(call, CANCEL, order, shown),
        forms.select(
            "reason", "Reason", [forms.Option(text, value) for value, text in REASONS.items()],
            placeholder="Select a reason",
            hint=f"{_money(order, tenders)}. Nothing is restocked. This cannot be undone.",
        ),
        forms.checkbox("notify", "Notify customer", "Send the customer Shopify's cancellation e-mail", default=True),
    )  # fmt: skip


def _does(left: Money, tenders: list[Tender]) -> str:
    """What cancelling does with the money that is left: `refunds $50.00 and records $79.00`."""
    recorded = left._replace(amount=movements.recorded(tenders))
    moved = left._replace(amount=left.amount - recorded.amount)
    if not moved:
        return f"records a refund of {left}"
    return f"refunds {moved} and records {recorded}" if recorded else f"refunds {left}"


def _money(order: Order, tenders: list[Tender]) -> str:
    """What becomes of the order's money, for the agent; no full stop at its end."""
    said = [_goes_back(order, tenders)]
    if order.standing.left and movements.authorized(order.node):
        said.append("What was authorized beside that is released")
    return ". ".join(said + cancellations.pending_payments(order.node))


def _goes_back(order: Order, tenders: list[Tender]) -> str:
    left, where = order.standing.left, movements.destinations(tenders)
    if left and tenders and all(tender.by_hand for tender in tenders):
        return where
    if left:
        moved = left._replace(amount=left.amount - movements.recorded(tenders))
        back = f"{moved} goes back to the original payment methods"
        return f"{back}. That is {where}" if where else back
    if on_its_way := order.standing.on_its_way:
        return f"All that was paid has been refunded already, or is on its way back ({on_its_way})"
    if presentment(order.node["totalReceivedSet"]) and not movements.all_gone_back(order.node):
        return "Shopify has nothing left of what was paid, and shows no refund of all of it: none goes back"
    if presentment(order.node["totalReceivedSet"]):
        return "All that was paid has been refunded already, or is on its way back"
    if movements.authorized(order.node):
        return "The payment was only authorized, and the authorization is released"
    return "No money was received, so none goes back"


def cancel(call: Call, reason: str, *, notify: bool) -> Reply:
    """Cancel the order. Raises Changed where more or less money would go back than the form showed, StillRunning
    where Shopify is still at it when the time is up."""
    if reason not in REASONS:
        raise BadInput("Choose one of the reasons.", attr="reason")
    number = call.order()

    def do(operation: Operation) -> Reply:
        order = _read(call, number)
        submissions.require_same_money(
            operation, order.standing.left, movements.destinations(movements.held(order.node))
        )
        operation.send(
            reason=REASONS[reason],
            currency=order.standing.left.currency,
            refunds=[orders.number(refund["id"]) for refund in order.node["refunds"]],
            refunding=_refunds(order),
        )
        _ask(call, operation, order, reason, notify)
        return _followed(call, operation)

    return submissions.carry_out(call, CANCEL, number, {"reason": reason, "notify": notify}, do)


def _refunds(order: Order) -> bool:
    """Whether Shopify is to refund "all" with the cancellation. Not while all that was paid is on its way back: it is
    not said whether Shopify would send it twice."""
    return bool(order.standing.left) or not order.standing.on_its_way


def _ask(call: Call, operation: Operation, order: Order, reason: str, notify: bool) -> None:
    """Have Shopify take it on. Raises Refused, in its words, where it does not. A lost answer is followed as well."""
    try:
        payload = call.shopify.mutate(
            document(__file__, "cancel"),
            order=order.node["id"],
            reason=reason,
            notify=notify,
            refund=_refunds(order),
            mark=operation.mark,
        )["orderCancel"]
    except AnswerLost:
        return
    errors = payload.get("orderCancelUserErrors") if payload else None
    if payload and (payload.get("job") or payload.get("jobResult") or not errors):
        # Shopify has taken it on, whatever else it says; without the right to read the result, the order is followed.
        operation.draft["job_result"] = (payload.get("jobResult") or {}).get("id", "")
    elif errors:
        _doubted(call, operation, order, submissions.shopify_words(errors))


def _doubted(call: Call, operation: Operation, order: Order, words: str) -> None:
    """Look at the order before a refusal is believed: it may be about the very cancellation that was asked for, by a
    request that came before. Raises Refused, in Shopify's words, if the order says nothing else."""
    seen = _look(call, operation)
    if seen and (seen.state != UNKNOWN or "cancelled" in seen.facts):
        return
    if "in progress" in words:
        operation.draft |= {"job_result": "", "in_progress": True}
    elif "already" not in words:
        no = cancellations.refused(order.name, words)
        raise Refused(no.message, no.detail)


def _followed(call: Call, operation: Operation) -> Reply:
    """Ask until the order is cancelled or Shopify says that it will not be."""
    outcome: Outcome | None = None
    tries = 0
    while True:
        outcome = _look(call, operation) or outcome
        if outcome and outcome.state == UNDER_WAY:
            return operation.under_way(outcome)
        if outcome and outcome.state not in (UNKNOWN, RUNNING):
            return operation.conclude(outcome)
        wait = _POLL_SECONDS[min(tries, len(_POLL_SECONDS) - 1)]
        if call.deadline.left() < wait + 1:
            break
        time.sleep(wait)
        tries += 1
    if outcome and "job_result" in operation.draft:
        raise StillRunning(outcome.message, outcome.detail, facts={"job_result": operation.draft["job_result"]})
    raise AnswerLost("Shopify's answer did not arrive.")


def _look(call: Call, operation: Operation) -> Outcome | None:
    """One look at the job and the order; a look that fails says nothing about the cancellation."""
    try:
        return cancellations.look(call.shopify, operation)
    except OrderdeskError:
        return None


def _read(call: Call, number: str) -> Order:
    data = call.shopify.read(document(__file__, "cancel_facts"), id=orders.gid("Order", number))
    customer = call.customer() if call.query.get("customer") else ""
    order = orders.read(data.get("order"), customer)
    orders.require(CANCEL, order)
    orders.require_whole(order.node)
    return order
