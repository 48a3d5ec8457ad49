"""fulfillmentOrderHold and fulfillmentOrderReleaseHold.

Recorded, with their words: a handle in use, the limit of ten, a part of what is already on hold, no pieces at all, a
line given twice. A hold on some pieces leaves the rest in a separate fulfillment order. Holds are released by their
ids, and the release of the last one opens the fulfillment order.

Published: without ids, all holds of all apps are released. Not recorded: the words of the other refusals (from the
schema), and the effect of an empty list of ids (here the same as without ids, which is the worse case).
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from .fulfillment_order_nodes import fulfillment_order_node, hold_node
from .fulfillment_orders import AT_MOST, OURS, REQUESTED, FulfillmentOrder, Hold, Pieces
from .orders import Order
from .store import Store
from .user_errors import refusal

LONGEST_HANDLE = 64
NO_PIECE = "You must select at least one item to place on partial hold."
TWICE = "must contain unique line item ids"
TOO_MANY_PIECES = "The fulfillment order line item quantity is invalid."
IN_USE = (
    "The handle provided for the fulfillment hold is already in use by this app for another hold on this"
    " fulfillment order."
)
LIMIT = (
    "The maximum number of fulfillment holds for this fulfillment order has been reached for this app."
    " An app can only have up to 10 holds on a single fulfillment order at any one time."
)
NOT_SPLITTABLE = "The fulfillment order is not in a splittable state."
NOT_FOUND = "The fulfillment order could not be found."
NOT_FOUND_TO_RELEASE = "The fulfillment order wasn't found."
LINES = ["fulfillmentHold", "fulfillmentOrderLineItems"]


Allowed = Callable[[Order, FulfillmentOrder], bool]


def find(store: Store, fulfillment_order_id: str, allowed: Allowed) -> tuple[Order, FulfillmentOrder] | None:
    """The fulfillment order with a gid, and its order, if it is `allowed`."""
    everything = ((o, one) for o in store.orders for one in o.fulfillment_orders())
    return next((pair for pair in everything if pair[1].id == fulfillment_order_id and allowed(*pair)), None)


def hold(store: Store, allowed: Allowed, fulfillment_order_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """`fulfillmentOrderHold`: all of it, or the pieces that are named."""
    found = find(store, fulfillment_order_id, allowed)
    if found is None:
        return _not_held(refusal(["id"], NOT_FOUND, "FULFILLMENT_ORDER_NOT_FOUND"))
    order, one = found
    if refused := next(_refusals(one, given), None):
        return _not_held(refused)
    rest = _split(one, given.get("fulfillmentOrderLineItems") or [], store.now())
    made = Hold(given["reason"], given.get("reasonNotes"), given.get("handle") or "")
    one.holds.append(made)
    one.updated = store.now()
    if rest:
        order.work.append(rest)
    return {
        "fulfillmentHold": hold_node(made),
        "fulfillmentOrder": fulfillment_order_node(order, one),
        "remainingFulfillmentOrder": fulfillment_order_node(order, rest),
        "userErrors": [],
    }


def release(store: Store, allowed: Allowed, fulfillment_order_id: str, hold_ids: list[str] | None) -> dict[str, Any]:
    """`fulfillmentOrderReleaseHold`: the holds with these ids; without ids those of every app."""
    found = find(store, fulfillment_order_id, allowed)
    if found is None:
        refused = refusal(["id"], NOT_FOUND_TO_RELEASE, "FULFILLMENT_ORDER_NOT_FOUND")
        return {"fulfillmentOrder": None, "userErrors": [refused]}
    order, one = found
    kept = [x for x in one.holds if hold_ids and x.id not in hold_ids]
    if kept != one.holds:
        one.holds, one.updated = kept, store.now()
    return {"fulfillmentOrder": fulfillment_order_node(order, one), "userErrors": []}


def _refusals(one: FulfillmentOrder, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is wrong; the pieces first, as recorded."""
    asked = given.get("fulfillmentOrderLineItems") or []
    yield from _wrong_pieces(asked)
    handle, ours = given.get("handle") or "", [x for x in one.holds if x.app is OURS]
    if len(handle) > LONGEST_HANDLE:
        words = f"Handle is too long (maximum is {LONGEST_HANDLE} characters)"
        yield refusal(["fulfillmentHold", "handle"], words)
    if any(x.handle == handle for x in ours):
        yield refusal(["fulfillmentHold", "handle"], IN_USE, "DUPLICATE_FULFILLMENT_HOLD_HANDLE")
    if len(ours) >= AT_MOST:
        yield refusal(["id"], LIMIT, "FULFILLMENT_ORDER_HOLD_LIMIT_REACHED")
    if asked and one.holds:
        yield refusal(LINES, NOT_SPLITTABLE, "FULFILLMENT_ORDER_NOT_SPLITTABLE")
    if one.status in ("CLOSED", "IN_PROGRESS") or one.request in REQUESTED:
        yield refusal(["id"], "The fulfillment order is not in a state in which it can be held.")
    left = {x.id: x.remaining for x in one.pieces}
    for place, item in enumerate(asked):
        if item["quantity"] > left.get(item["id"], 0):
            yield refusal([*LINES, str(place), "quantity"], TOO_MANY_PIECES, "INVALID_LINE_ITEM_QUANTITY")


def _wrong_pieces(asked: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for place, item in enumerate(asked):
        if item["quantity"] <= 0:
            yield refusal([*LINES, str(place), "quantity"], NO_PIECE, "GREATER_THAN_ZERO")
    if len({item["id"] for item in asked}) < len(asked):
        yield refusal(LINES, TWICE, "DUPLICATED_FULFILLMENT_ORDER_LINE_ITEMS")


def _split(one: FulfillmentOrder, asked: list[dict[str, Any]], now: datetime) -> FulfillmentOrder | None:
    """Keep the requested pieces in a fulfillment order, and move the rest to a new one; None if nothing is left.

    Recorded with one line of five pieces. With several lines, it is not recorded that unchanged lines are moved.
    """
    counts = {item["id"]: item["quantity"] for item in asked}
    rest = [Pieces(x.line, x.remaining - counts.get(x.id, 0)) for x in one.pieces if x.remaining > counts.get(x.id, 0)]
    if not asked or not rest:
        return None
    for x in one.pieces:
        x.total = x.sent + counts.get(x.id, 0)
    one.pieces = [x for x in one.pieces if x.total]
    return FulfillmentOrder(rest, one.location, one.created, request=one.request, scheduled=one.scheduled, updated=now)


def _not_held(refused: dict[str, Any]) -> dict[str, Any]:
    return {
        "fulfillmentHold": None,
        "fulfillmentOrder": None,
        "remainingFulfillmentOrder": None,
        "userErrors": [refused],
    }
