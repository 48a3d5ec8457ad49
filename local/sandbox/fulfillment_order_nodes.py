"""A FulfillmentOrder as the API shows it, and which of them an app may see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from . import fulfillment_orders
from .connections import connection, number_of
from .defaults import node
from .fulfillment_orders import FulfillmentOrder, Hold, Pieces
from .ids import iso
from .line_nodes import line_node
from .locations import assigned_node
from .orders import Order
from .search import Field, Search

REASONS = {
    "AWAITING_PAYMENT": "Awaiting payment",
    "AWAITING_RETURN_ITEMS": "Exchange items awaiting return delivery",
    "HIGH_RISK_OF_FRAUD": "High risk of fraud",
    "INCORRECT_ADDRESS": "Incorrect address",
    "INVENTORY_OUT_OF_STOCK": "Inventory out of stock",
    "ONLINE_STORE_POST_PURCHASE_CROSS_SELL": "Post-purchase cross-sell",
    "OTHER": "Other",
    "UNKNOWN_DELIVERY_DATE": "Unknown delivery date",
}
"""How reasons are shown. Recorded: AWAITING_RETURN_ITEMS and OTHER."""

FIELDS: dict[str, Field[FulfillmentOrder]] = {
    "": Field("anywhere", lambda one: [one.status, *(x.line.title for x in one.pieces)]),
    "assigned_location_id": Field("number", lambda one: [one.location.number]),
    "id": Field("number", lambda one: [number_of(one.id)]),
    "status": Field("keyword", lambda one: [one.status]),
    "updated_at": Field("time", lambda one: [one.updated or one.created]),
}


def may(granted: frozenset[str], one: FulfillmentOrder, what: str = "read") -> bool:
    """True if an app may `read` or `write` it. Published: depends on who runs its location; no location is the app's
    own."""
    subject = "third_party" if one.location.service else "merchant_managed"
    return f"write_{subject}_fulfillment_orders" in granted or f"{what}_{subject}_fulfillment_orders" in granted


def page(order: Order, granted: frozenset[str], given: dict[str, Any], now: datetime) -> dict[str, Any]:
    """The FulfillmentOrderConnection of an order: those that the app may see."""
    search = Search(given.get("query"), FIELDS, now)
    seen = [one for one in order.fulfillment_orders() if may(granted, one) and search.matches(one)]
    return connection(seen, given, lambda one: fulfillment_order_node(order, one))


def fulfillment_order_node(order: Order, one: FulfillmentOrder | None) -> dict[str, Any] | None:
    """A FulfillmentOrder."""
    if one is None:
        return None
    return node(
        "FulfillmentOrder",
        id=one.id,
        status=one.status,
        requestStatus=one.request,
        createdAt=iso(one.created),
        updatedAt=iso(one.updated or one.created),
        # As recorded: the hour in which the order was made.
        fulfillAt=iso(one.created.replace(minute=0, second=0, microsecond=0)),
        orderId=order.id,
        orderName=order.name,
        orderProcessedAt=iso(order.created),
        supportedActions=[{"action": action, "externalUrl": None} for action in _actions(order, one)],
        assignedLocation=assigned_node(one.location),
        fulfillmentHolds=[hold_node(x) for x in one.holds],
        destination=_destination(order, one),
        order=lambda info: info.context.store.order_node(order),
        lineItems=lambda _info, **given: connection(one.pieces, given, lambda x: pieces_node(order, x)),
        merchantRequests=lambda _info, **given: connection(list[Pieces](), given, lambda _x: None),
    )


def _actions(order: Order, one: FulfillmentOrder) -> list[str]:
    """`supportedActions`. Recorded for a merchant's location: open (with more than one piece) and on hold. The others
    follow the schema's description."""
    if one.status == "CLOSED":
        return []
    if one.status == "ON_HOLD":
        ours = [x for x in one.holds if x.app is fulfillment_orders.OURS]
        return ["RELEASE_HOLD", *(["HOLD"] if len(ours) < fulfillment_orders.AT_MOST else []), "MOVE"]
    if one.request in fulfillment_orders.REQUESTED:
        return ["REQUEST_CANCELLATION"]
    if one.status == "SCHEDULED":
        return ["MARK_AS_OPEN", "HOLD"]
    begin = ["REQUEST_FULFILLMENT"] if one.location.service else ["CREATE_FULFILLMENT", "REPORT_PROGRESS"]
    split = ["SPLIT"] if one.remaining > 1 else []
    others = [x for x in order.fulfillment_orders() if x is not one and x.location.id == one.location.id]
    merge = ["MERGE"] if any(x.status == "OPEN" and x.request == one.request for x in others) else []
    return [*begin, "MOVE", "HOLD", *split, *merge]


def hold_node(hold: Hold) -> dict[str, Any]:
    """A FulfillmentHold."""
    app = hold.app
    return node(
        "FulfillmentHold",
        id=hold.id,
        handle=hold.handle,
        reason=hold.reason,
        reasonNotes=hold.notes,
        displayReason=REASONS[hold.reason],
        heldByApp=node("App", id=app.id, title=app.title) if app else None,
        heldByRequestingApp=app is fulfillment_orders.OURS,
    )


def pieces_node(order: Order, one: Pieces) -> dict[str, Any]:
    """A FulfillmentOrderLineItem."""
    x = one.line
    return node(
        "FulfillmentOrderLineItem",
        id=one.id,
        totalQuantity=one.total,
        remainingQuantity=one.remaining,
        requiresShipping=x.requires_shipping,
        productTitle=x.title,
        sku=x.sku or None,
        lineItem=line_node(order, x),
        image=node("Image", url=lambda _info, **_: x.image) if x.image else None,
    )


def _destination(order: Order, one: FulfillmentOrder) -> dict[str, Any] | None:
    """The destination: the order's address. It is not recorded that a corrected address appears here."""
    place = order.address
    if not place:
        return None
    given, _, last = str(place.get("name") or "").rpartition(" ")
    named = {"firstName": place.get("firstName", given or None), "lastName": place.get("lastName", last or None)}
    same = ("address1", "address2", "city", "company", "phone", "province", "zip")
    return node(
        "FulfillmentOrderDestination",
        id=one.id.replace("FulfillmentOrder", "FulfillmentOrderDestination"),
        countryCode=place.get("countryCodeV2"),
        email=order.email,
        **named,
        **{name: place.get(name) for name in same},
    )
