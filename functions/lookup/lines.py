"""What was bought, and what became of it: an order's lines in words that add up, and its parcels.

Shopify counts a line's units three times (schema: `LineItem`): what was bought (`quantity`), the same without what was
refunded or removed (`currentQuantity`), and what was not yet sent (`unfulfilledQuantity`). Which of the gone ones were
refunded, the order's refunds say.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from orderdesk import movements, orders
from orderdesk.money import presentment

#: As many lines and parcels as are asked for in `OrderCard.graphql`; one parcel more is asked for, to know of it.
PARCELS = 10

#: As many refunds as are asked for; a full page may not be all of them.
REFUNDS = 20

MORE_ITEMS = "More items: see the order in Shopify"
MORE_PARCELS = "More parcels: see the order in Shopify"


class Gone(NamedTuple):
    """What happened to the units of one line that are no longer part of the order.

    `became` counts them by word; `unsent` are those that were certainly never sent; `rest` is the word for those of
    which no refund says anything.
    """

    became: Counter[str]
    unsent: int
    rest: str = "removed"


def products(card: dict[str, Any], *, numbers: bool) -> list[dict[str, Any]]:
    """The lines of an order card, each with what became of it; a last one says if there are more."""
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
    if _further(lines):
        found.append({"id": "more", "name": MORE_ITEMS})
    return found


def bought(card: dict[str, Any]) -> int:
    """How many things the customer bought, whatever became of them.

    Shopify's own figure leaves out gift cards; an order of nothing else has those.
    """
    lines = (card.get("lineItems") or {}).get("nodes") or []
    return card.get("subtotalLineItemsQuantity") or sum(line.get("quantity") or 0 for line in lines)


def status(line: dict[str, Any], gone: Gone, sent: int | None) -> str:
    """What became of a line, in one word; in several with their numbers, which add up to what was bought.

    `sent`: how many of it are in parcels; None if not all parcels are known.
    """
    quantity, current = line.get("quantity") or 0, line.get("currentQuantity") or 0
    waiting = line.get("unfulfilledQuantity") or 0
    if sent is not None and waiting == quantity - sent:
        # Shopify counts what is gone as not yet sent, too.
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


def _gone(card: dict[str, Any]) -> defaultdict[str, Gone]:
    """By line id, what the order's refunds say of the units that are gone.

    An edit or a cancellation that takes units out is a refund without any money to Shopify.
    """
    refunds = card.get("refunds") or []
    whole = len(refunds) < REFUNDS and not any(_further(refund.get("refundLineItems")) for refund in refunds)
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


def _word(refund: dict[str, Any], *, cancelled: bool) -> str:
    """What a refund means for its lines: its transactions say whether money moved, and all of them have to be there."""
    page = refund.get("transactions") or {}
    moves = [t for t in page.get("nodes") or [] if t.get("kind") == "REFUND"]
    if _further(page):
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


def _sent(card: dict[str, Any]) -> Counter[str] | None:
    """By line id, how many are in parcels; None if not all parcels are there to be counted."""
    sent: Counter[str] = Counter()
    parcels_ = card.get("fulfillments") or []
    for parcel in parcels_:
        lines = parcel.get("fulfillmentLineItems") or {}
        if _further(lines):
            return None
        for line in [] if parcel.get("status") == "CANCELLED" else lines.get("nodes") or []:
            sent[line["lineItem"]["id"]] += line.get("quantity") or 0
    return None if len(parcels_) > PARCELS else sent


def _further(page: dict[str, Any] | None) -> bool:
    """True if there is more than this page of a list."""
    return bool(((page or {}).get("pageInfo") or {}).get("hasNextPage"))


def parcels(card: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parcels of an order card: one for each tracking number, since a parcel has one place for it.

    A last one says if there are more.
    """
    there = card.get("fulfillments") or []
    for fulfillment in there[:PARCELS]:
        lines = fulfillment.get("fulfillmentLineItems") or {}
        ids = [orders.number(line["lineItem"]["id"]) for line in lines.get("nodes") or []]
        if _further(lines):
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


def address(place: dict[str, Any]) -> dict[str, Any]:
    """An address by the names under which the helpdesk's adapter reads its parts."""
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


def speed(card: dict[str, Any]) -> str | None:
    """The shipping that the customer chose: of the order, and of each of its parcels."""
    return (card.get("shippingLine") or {}).get("title")


def count(value: Any, numbers: bool) -> Any:
    """A count as the helpdesk wants it: text, or a number."""
    if value is None:
        return None
    return int(value) if numbers else str(value)


def given(**fields: Any) -> dict[str, Any]:
    """The fields that Shopify has a value for."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
