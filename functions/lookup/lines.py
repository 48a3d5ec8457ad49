"""An order's lines with what became of each unit, in numbers that add up, and the order's parcels.

Shopify counts a line's units three times (schema: `LineItem`): what was bought (`quantity`), the same without what was
refunded or removed (`currentQuantity`), and what was not yet sent (`unfulfilledQuantity`). The order's refunds say
which of the missing units were refunded.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from orderdesk import movements, orders
from orderdesk.money import presentment

if TYPE_CHECKING:
    from typing_extensions import ReadOnly

    from orderdesk.shopify import nodes

    class Page(TypedDict, total=False):
        """A page of a list."""

        pageInfo: ReadOnly[nodes.OrderCardPageInfo]


#: `OrderCard.graphql` asks for this many lines and parcels, and for one parcel more, to see if there are more.
PARCELS = 10

#: `OrderCard.graphql` asks for this many refunds. If the page is full, there may be more.
REFUNDS = 20

MORE_ITEMS = "More items: see the order in Shopify"
MORE_PARCELS = "More parcels: see the order in Shopify"


class Gone(NamedTuple):
    """What happened to the units of one line that are no longer part of the order.

    `became` counts them by word. `unsent` is how many were certainly never sent. `rest` is the word for units that no
    refund mentions.
    """

    became: Counter[str]
    unsent: int
    rest: str = "removed"


def products(card: nodes.OrderCard, *, numbers: bool) -> list[dict[str, Any]]:
    """The lines of an order card, each with what became of it. A last line says if there are more."""
    lines = card.get("lineItems") or {}
    gone, sent = _gone(card), _sent(card)
    found = [
        given(
            id=orders.number(line["id"]),
            name=line.get("name"),
            sku=line.get("sku"),
            unitPrice=str(presentment(line.get("originalUnitPriceSet"))),
            quantity=count(line.get("quantity"), numbers),
            status=status(line, gone[line["id"]], None if sent is None else sent[line["id"]]),
            imageUrl=(line.get("image") or {}).get("url"),
        )
        for line in lines.get("nodes") or []
    ]
    if further(lines):
        found.append({"id": "more", "name": MORE_ITEMS})
    return found


def bought(card: nodes.OrderCard) -> int:
    """How many things the customer bought, including those that were refunded or removed later.

    Shopify's own figure leaves out gift cards, and an order of gift cards only has nothing else.
    """
    lines = (card.get("lineItems") or {}).get("nodes") or []
    return card.get("subtotalLineItemsQuantity") or sum(line.get("quantity") or 0 for line in lines)


def status(line: nodes.OrderCardLineItem, gone: Gone, sent: int | None) -> str:
    """What became of a line: one word, or several words with numbers that add up to the units bought.

    `sent`: how many of its units are in parcels; None if not all parcels are known.
    """
    quantity, current = line.get("quantity") or 0, line.get("currentQuantity") or 0
    waiting = line.get("unfulfilledQuantity") or 0
    if sent is not None and waiting == quantity - sent:
        # Shopify counts removed units as not yet sent, too.
        waiting -= gone.unsent
    waiting = max(0, min(waiting, current))
    parts = Counter({"fulfilled": current - waiting, "unfulfilled": waiting})
    left = quantity - current
    for word, units in gone.became.items():
        parts[word] += min(units, left)
        left -= min(units, left)
    parts[gone.rest] += left
    words = [(units, word) for word, units in parts.items() if units > 0]
    if len(words) < 2:
        return words[0][1] if words else ""
    if current == quantity:
        return "partially fulfilled"
    return ", ".join(f"{units} {word}" for units, word in words)


def _gone(card: nodes.OrderCard) -> defaultdict[str, Gone]:
    """By line id, what the order's refunds say about the units that are gone.

    An edit or a cancellation that removes units is, to Shopify, a refund without money.
    """
    refunds = card.get("refunds") or []
    whole = len(refunds) < REFUNDS and not any(further(refund.get("refundLineItems")) for refund in refunds)
    rest = "removed" if whole else "refunded or removed"
    found: defaultdict[str, Gone] = defaultdict(lambda: Gone(Counter(), 0, rest))
    for refund in refunds:
        word = _word(refund, cancelled=bool(card.get("cancelledAt")))
        for part in (refund.get("refundLineItems") or {}).get("nodes") or []:
            before, units = found[part["lineItem"]["id"]], part.get("quantity") or 0
            unsent = units if part.get("restockType") == "CANCEL" or word in ("removed", "cancelled") else 0
            became = before.became + Counter({word: units})
            found[part["lineItem"]["id"]] = Gone(became, before.unsent + unsent, rest)
    return found


def _word(refund: nodes.OrderCardRefund, *, cancelled: bool) -> str:
    """The word for a refund's lines. Its transactions say whether money moved; all of them must be known."""
    page = refund.get("transactions") or {}
    moves = [t for t in page.get("nodes") or [] if t.get("kind") == "REFUND"]
    if further(page):
        return "refund of many payments (see Shopify)"
    if not moves:
        return "cancelled" if cancelled else "removed"
    moved = [t for t in moves if movements.fate(t["status"]) == movements.DONE]
    failed = [t for t in moves if movements.fate(t["status"]) == movements.FAILED]
    if len(moved) + len(failed) < len(moves):
        return "refund under way"
    if failed:
        return "refund failed in part" if moved else "refund failed"
    return "refund recorded" if all(map(movements.is_by_hand, moved)) else "refunded"


def _sent(card: nodes.OrderCard) -> Counter[str] | None:
    """By line id, how many units are in parcels; None if not all parcels are known."""
    sent: Counter[str] = Counter()
    parcels_ = card.get("fulfillments") or []
    for parcel in parcels_:
        lines = parcel.get("fulfillmentLineItems") or {}
        if further(lines):
            return None
        for line in [] if parcel.get("status") == "CANCELLED" else lines.get("nodes") or []:
            sent[line["lineItem"]["id"]] += line.get("quantity") or 0
    return None if len(parcels_) > PARCELS else sent


def further(page: Page | None) -> bool:
    """True if the list has more than this page."""
    return bool(((page or {}).get("pageInfo") or {}).get("hasNextPage"))


def parcels(card: nodes.OrderCard) -> Iterator[dict[str, Any]]:
    """The parcels of an order card, one for each tracking number, since a card's parcel has room for only one.

    A last parcel says if there are more.
    """
    there = card.get("fulfillments") or []
    for fulfillment in there[:PARCELS]:
        lines = fulfillment.get("fulfillmentLineItems") or {}
        ids = [orders.number(line["lineItem"]["id"]) for line in lines.get("nodes") or []]
        if further(lines):
            ids.append("more")
        for tracking in fulfillment.get("trackingInfo") or [{}]:
            yield given(
                status=str(fulfillment.get("displayStatus") or fulfillment.get("status") or "")
                .replace("_", " ")
                .lower(),
                trackingNumber=tracking.get("number"),
                trackingUrl=tracking.get("url"),
                carrier=tracking.get("company"),
                estimatedDeliveryDate=fulfillment.get("estimatedDeliveryAt"),
                shippingSpeed=speed(card),
                shippingAddress=address(card.get("shippingAddress") or {}),
                productIds=ids,
            )
    if len(there) > PARCELS:
        yield {"status": MORE_PARCELS}


def address(place: nodes.Address) -> dict[str, Any]:
    """An address under the keys that the helpdesk's adapter reads."""
    return given(
        name=place.get("name"),
        phone=place.get("phone"),
        street1=place.get("address1"),
        street2=place.get("address2"),
        city=place.get("city"),
        state=place.get("provinceCode"),
        country=place.get("countryCodeV2"),
        zip=place.get("zip"),
    )


def speed(card: nodes.OrderCard) -> str | None:
    """The shipping method that the customer chose, for the order and for each parcel."""
    return (card.get("shippingLine") or {}).get("title")


def count(value: Any, numbers: bool) -> Any:
    """A count as the helpdesk wants it: as text or as a number."""
    if value is None:
        return None
    return int(value) if numbers else str(value)


def given(**fields: Any) -> dict[str, Any]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
