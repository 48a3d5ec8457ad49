"""Refund some of an order's items: show them, ask Shopify what the choice is worth, have it confirmed, refund it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from orderdesk import movements, orders, refund_requests, refunds
from orderdesk.actions import ITEMS
from orderdesk.context import Context
from orderdesk.errors import Changed, Refused
from orderdesk.operations import Operation
from orderdesk.orders import Order
from orderdesk.shopify import Document, document
from orderdesk.worth import of_tenders

from . import drawn
from .choice import FIRST_LINES, MORE_LINES, Choice, details_of, with_items, words
from .offer import Offer, offer_of
from .plan import Plan, plan_of

if TYPE_CHECKING:
    from . import nodes

FACTS: Document[nodes.RefundItemsFacts] = document(__file__, "facts")

#: A person has read the amount before they confirm it. What comes sooner after it was shown is a double click.
_READ_SECONDS = 1.0


class Seen(NamedTuple):
    """The order; what its form offers (None if the submit did not ask for that); the plan of the choice (None for the
    form). `confirms`: the exact amount is shown before it is refunded. `received`: when the request came in."""

    order: Order[nodes.RefundItemsFactsOrder]
    offer: Offer | None
    plan: Plan | None
    confirms: bool
    received: float


def asks(ctx: Context, shown: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of the facts: the form asks for all that can be chosen, its submit for what was chosen."""
    if not values:
        return {"opened": True, "compared": True, "submitted": False}
    compared = not ctx.settings.confirms_items
    return {"opened": False, "compared": compared, "submitted": True} | Choice.of(values, shown).variables()


def look(ctx: Context, order: Order[nodes.RefundItemsFactsOrder]) -> Seen:
    """What the form offers, or the plan of the choice. Raises Refused if no line and no shipping is left, and what
    `refund_requests.suggested` and `plan_of` raise."""
    asked = order.asked
    order = refund_requests.suggested(order, _lacks_suggestion, lambda: orders.find(ctx, ITEMS, FACTS, asked))
    plan = plan_of(order) if order.asked["submitted"] else None
    offer = offer_of(order) if order.asked["compared"] else None
    if offer and not plan and not offer.lines and not offer.shipping:
        raise Refused(
            f"Order {order.name} {ITEMS.refusal}: all items and shipping are refunded.",
            f"Nothing was changed. {movements.left(order.node)} is left, which “Refund Order” gives back.",
            code="not_available",
        )
    return Seen(order, offer, plan, ctx.settings.confirms_items, ctx.received)


def shown(ctx: Context, seen: Seen) -> dict[str, Any]:
    """The lines of this form and all that the submit goes by."""
    offer = _offered(seen)
    lines = {line.number: line.shown() for line in _lines(ctx, seen)}
    return offer.shown() | {"lines": lines, "reasons": refund_requests.reasons(ctx.settings)}


def form(ctx: Context, seen: Seen, submit_to: str) -> dict[str, Any]:
    """The form, with what each line is worth."""
    offer = _offered(seen)
    reasons, lines = refund_requests.reasons(ctx.settings), _lines(ctx, seen)
    return drawn.form(seen.order.name, offer, lines, reasons, submit_to)


def changed(shown: Mapping[str, Any], seen: Seen) -> Changed | None:
    """The exact amount, until it was confirmed. Without confirmation: what the form showed has changed."""
    plan = seen.plan
    if not plan:
        raise RuntimeError("what a submit refunds is planned before it is compared")
    if not seen.confirms:
        return _offered(seen).changed_from(shown, plan.asked, plan.destinations())
    now: dict[str, Any] = {
        "asked": dict(plan.asked), "amount": str(plan.total.amount), "currency": plan.total.currency,
        "where": plan.destinations(),
    }  # fmt: skip
    before = shown.get("confirm") or {}
    same = all(before.get(name) == value for name, value in now.items())
    if same and seen.received >= before["at"] + _READ_SECONDS:
        return None
    moved = bool(before) and before.get("asked") == now["asked"] and not same
    now["at"] = before["at"] if same else time.time()
    return Changed(
        f"{'The refund has changed. It now refunds' if moved else _verb(plan)} {plan.total}: {plan.destinations()}.",
        f"{_items(shown, plan)}.{_capped(plan)} Nothing was refunded yet. Submit again to confirm.",
        code="confirm",
        now={"confirm": now},
    )


def submit(ctx: Context, operation: Operation, seen: Seen, *, reason: str, notify: bool, **_chosen: Any) -> None:
    """Refund the choice. Raises StillRunning if Shopify shows no payment of the refund yet."""
    plan = seen.plan
    if not plan:
        raise RuntimeError("a refund is planned before it is made")
    worth = of_tenders(seen.order.node, plan.tenders, plan.total)
    amount = {"amount": str(plan.total.amount), "currency": plan.total.currency}
    sent = operation.send(worth, reason=reason, **amount, **details_of(plan.asked, operation.shown, plan.shipping))
    given = plan.refund_input(refunds.note(reason, operation.reference), notify)
    makes: Document[nodes.RefundItems] = document(__file__, "refund")
    refund_requests.carry_out(ctx, operation, sent, makes, given, with_items)


def _lines(ctx: Context, seen: Seen) -> drawn.Lines:
    """The lines of this form: the first ones, or the others. Raises Refused if there are no others."""
    every = _offered(seen).lines
    if ctx.query.get("lines") != "more":
        return drawn.Lines(every[:FIRST_LINES], 1, len(every))
    if len(every) <= FIRST_LINES:
        raise Refused(
            f"All lines of order {seen.order.name} that can be refunded are in the form “{ITEMS.title}”.",
            "Nothing was changed.",
            code="not_available",
        )
    return drawn.Lines(every[FIRST_LINES : FIRST_LINES + MORE_LINES], FIRST_LINES + 1, len(every))


def _offered(seen: Seen) -> Offer:
    if not seen.offer:
        raise RuntimeError("what a form offers was not asked for")
    return seen.offer


def _lacks_suggestion(order: Order[nodes.RefundItemsFactsOrder]) -> bool:
    asked = order.asked
    return bool((asked["submitted"] and not order.node["chosen"]) or (asked["compared"] and not order.node["all"]))


def _verb(plan: Plan) -> str:
    return "Records a refund of" if plan.by_hand else "Refunds"


def _items(shown: Mapping[str, Any], plan: Plan) -> str:
    told = words(details_of(plan.asked, shown, plan.shipping), plan.total.currency)
    return f"{told[:1].upper()}{told[1:]}"


def _capped(plan: Plan) -> str:
    """Why it is less than the items are worth, if it is."""
    if plan.worth.amount <= plan.total.amount:
        return ""
    return f" Your choice is worth {plan.worth}, but only {plan.total} is left to refund."
