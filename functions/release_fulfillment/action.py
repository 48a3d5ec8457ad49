"""Release the fulfillment of an order: Orderdesk's own holds, and nobody else's.

Without the ids of holds, or with an empty list of them, Shopify releases the holds of every app. So each mutation has
the ids of one part's holds of ours, and a part without any is never named.
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

FACTS: Document[nodes.ReleaseFulfillmentFacts] = document(__file__, "facts")


class Held(NamedTuple):
    """The order's name, our holds (gids) by part with what each part is called, why, and the holds of others."""

    name: str
    parts: dict[str, str]
    holds: dict[str, list[str]]
    why: str
    others: tuple[str, ...]


def look(ctx: Context, order: Order[nodes.ReleaseFulfillmentFactsOrder]) -> Held:
    """What Orderdesk holds, and who else holds any of it."""
    # The rule refuses an order whose parts were not read.
    names, parts = fulfillment.places(order.node), order.standing.parts or ()
    ours = [part for part in parts if part.our_holds]
    why = dict.fromkeys(str(hold) for part in ours for hold in part.our_holds)
    others = [f"{names[part.id]} is {hold}" for part in parts for hold in part.holds if not hold.ours]
    return Held(
        order.name,
        {part.id: names[part.id] for part in ours},
        {part.id: [hold.id for hold in part.our_holds] for part in ours},
        ", ".join(why),
        tuple(others),
    )


def shown(ctx: Context, seen: Held) -> dict[str, Any]:
    """The holds that will be released."""
    return {"holds": seen.holds}


def changed(shown: Mapping[str, Any], seen: Held) -> Changed | None:
    """Orderdesk holds more or less than the form showed."""
    if shown["holds"] == seen.holds:
        return None
    return Changed(
        "The holds have changed since you opened this form.",
        f"Nothing was changed. Submit again to release: {', '.join(seen.parts.values())} ({seen.why}).",
        code="holds_changed",
        now={"holds": seen.holds},
    )


def form(ctx: Context, seen: Held, submit_to: str) -> dict[str, Any]:
    """The form: what is released, who has held it and why, and a note for the timeline."""
    what = f"Releases: {', '.join(seen.parts.values())}, {seen.why}."
    if seen.others:
        what += f" Stays on hold: {'; '.join(seen.others)}."
    return forms.form(
        f"Release fulfillment of order {seen.name}",
        "Release fulfillment",
        submit_to,
        forms.text("note", "Note for the timeline", hint=what, optional=True),
    )


def submit(ctx: Context, operation: Operation, seen: Held, *, note: str) -> None:
    """Release our holds on each part."""
    sent = operation.send(NOTHING, reason=note or None, parts=seen.parts, holds=seen.holds)

    def one(part: str) -> str:
        answer: nodes.ReleaseFulfillment = ctx.shopify.mutate(
            document(__file__, "release"), sent, id=part, holds=seen.holds[part]
        )
        payload = result(answer.get("fulfillmentOrderReleaseHold"))
        return f"Shopify says: {said(payload['userErrors'])}" if payload["userErrors"] else ""

    ended = in_parts.change(((name, part) for part, name in seen.parts.items()), one)
    more = f"Still on hold: {'; '.join(seen.others)}." if seen.others else ""
    in_parts.finish(operation, ended, words(seen.name), more, {"request_id": ctx.shopify.request_id})


def words(name: str) -> in_parts.Words:
    """What an agent reads about a release of the order."""
    return in_parts.Words(
        f"Released order {name}",
        f"Only part of order {name} was released",
        f"Order {name} wasn't released",
        "Released",
        "Not released",
    )
