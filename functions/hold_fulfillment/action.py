"""Hold the fulfillment of an order: every part that nobody has begun to send, and that Orderdesk doesn't hold already.

Shopify holds one fulfillment order at a time. Each hold has the operation's reference as its handle, which is unique
for an app and a fulfillment order: Shopify refuses the same hold a second time, and so says that it is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from orderdesk import forms, fulfillment, in_parts
from orderdesk.context import Context
from orderdesk.errors import Changed
from orderdesk.operations import Operation
from orderdesk.orders import Order
from orderdesk.shopify import Document, document, result, said
from orderdesk.worth import NOTHING

if TYPE_CHECKING:
    from . import nodes

FACTS: Document[nodes.HoldFulfillmentFacts] = document(__file__, "facts")

#: Shopify's reasons (`FulfillmentHoldReason`) in words, without the one of an app's offer after a purchase.
REASONS = {
    "INCORRECT_ADDRESS": "Incorrect address",
    "AWAITING_PAYMENT": "Awaiting payment",
    "HIGH_RISK_OF_FRAUD": "High risk of fraud",
    "INVENTORY_OUT_OF_STOCK": "Inventory out of stock",
    "UNKNOWN_DELIVERY_DATE": "Unknown delivery date",
    "AWAITING_RETURN_ITEMS": "Awaiting return items",
    "OTHER": "Other",
}
#: How long a note may be. Shopify publishes no limit.
NOTE_LENGTH = 200

#: By this code Shopify says that the hold is already there.
_ALREADY = "DUPLICATE_FULFILLMENT_HOLD_HANDLE"


class Holdable(NamedTuple):
    """The order's name, and its parts by gid with what each is called: those to hold, and those that can't be held."""

    name: str
    parts: dict[str, str]
    others: tuple[str, ...]


def look(ctx: Context, order: Order[nodes.HoldFulfillmentFactsOrder]) -> Holdable:
    """What there is to hold."""
    # The rule refuses an order whose parts were not read.
    names, parts = fulfillment.places(order.node), order.standing.parts or ()
    free = {part.id: names[part.id] for part in parts if part.waits and not part.our_holds}
    others = [f"{names[part.id]} (a fulfillment service has it)" for part in parts if part.with_service]
    return Holdable(order.name, free, tuple(others))


def shown(ctx: Context, seen: Holdable) -> dict[str, Any]:
    """The parts that will be held."""
    return {"parts": seen.parts}


def changed(shown: Mapping[str, Any], seen: Holdable) -> Changed | None:
    """More or fewer parts can be held than the form showed."""
    if shown["parts"] == seen.parts:
        return None
    return Changed(
        "What is left to send has changed since you opened this form.",
        f"Nothing was changed. Submit again to hold: {', '.join(seen.parts.values())}.",
        code="parts_changed",
        now={"parts": seen.parts},
    )


def form(ctx: Context, seen: Holdable, submit_to: str) -> dict[str, Any]:
    """The form: why, a note, and which parts are held."""
    what = f"Holds: {', '.join(seen.parts.values())}."
    if seen.others:
        what += f" Can't be held: {', '.join(seen.others)}."
    return forms.form(
        f"Hold fulfillment of order {seen.name}",
        "Hold fulfillment",
        submit_to,
        forms.select("reason", "Reason", [forms.Option(t, v) for v, t in REASONS.items()], hint=what),
        forms.text("note", "Note", hint="The warehouse sees it in Shopify, with your name", optional=True),
    )


def submit(ctx: Context, operation: Operation, seen: Holdable, *, reason: str, note: str) -> None:
    """Hold each part."""
    why = f"{REASONS[reason]}: {note}" if note else REASONS[reason]
    sent = operation.send(NOTHING, reason=why, parts=seen.parts)
    hold = {
        "reason": reason,
        "reasonNotes": " – ".join(filter(None, (note, operation.agent.name))) or None,
        "handle": operation.reference,
    }

    def one(part: str) -> str:
        answer: nodes.HoldFulfillment = ctx.shopify.mutate(
            document(__file__, "hold"), sent, safe_to_repeat=True, already=(_ALREADY,), id=part, hold=hold
        )
        payload = result(answer.get("fulfillmentOrderHold"))
        refused = [error for error in payload["userErrors"] if error["code"] != _ALREADY]
        return f"Shopify says: {said(refused)}" if refused else ""

    ended = in_parts.change(((name, part) for part, name in seen.parts.items()), one)
    in_parts.finish(operation, ended, words(seen.name), f"Reason: {why}.", {"request_id": ctx.shopify.request_id})


def words(name: str) -> in_parts.Words:
    """What an agent reads about a hold on the order."""
    return in_parts.Words(
        f"Put order {name} on hold",
        f"Only part of order {name} was put on hold",
        f"Order {name} wasn't put on hold",
        "On hold",
        "Not on hold",
    )
