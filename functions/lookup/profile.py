"""A customer and an order as the helpdesk's card shows them: flat, every value text, nothing that Shopify lacks."""

from typing import Any

from orderdesk import availability, orders
from orderdesk.api import Call
from orderdesk.money import money, presentment


def basic(customer: dict[str, Any]) -> dict[str, Any]:
    """Who it is: enough to link, without orders."""
    email = (customer.get("defaultEmailAddress") or {}).get("emailAddress")
    phone = (customer.get("defaultPhoneNumber") or {}).get("phoneNumber")
    return _given(
        externalCustomerId=orders.number(customer["id"]),
        name=customer.get("displayName"),
        address=", ".join((customer.get("defaultAddress") or {}).get("formatted") or []),
        emails=[{"original": email}] if email else [],
        phones=[{"original": phone, "type": "MOBILE"}] if phone else [],
    )


def detailed(call: Call, customer: dict[str, Any]) -> dict[str, Any]:
    """The whole profile: the customer, the newest orders, and what may be done."""
    profile = basic(customer)
    number = profile["externalCustomerId"]
    profile["customAttributes"] = _given(
        totalSpent=str(money(customer.get("amountSpent"))),
        totalOrders=str(customer.get("numberOfOrders", "")),
        customerLink=f"{call.settings.admin_url}/customers/{number}",
    )
    cards = (customer.get("orders") or {}).get("nodes") or []
    return _with_actions(call, profile, number, cards)


def guest(call: Call, order: dict[str, Any], *, brief: bool = False) -> dict[str, Any]:
    """The person who placed an order without an account: known by that order alone."""
    linked = f"order-{orders.number(order['id'])}"
    place = order.get("billingAddress") or order.get("shippingAddress") or {}
    profile = _given(
        externalCustomerId=linked,
        name=place.get("name") or f"Guest of order {order['name']}",
        address=_in_one_line(place),
        emails=[{"original": order["email"]}] if order.get("email") else [],
        phones=[{"original": order["phone"], "type": "MOBILE"}] if order.get("phone") else [],
    )
    return profile if brief else _with_actions(call, profile, linked, [order])


def _with_actions(call: Call, profile: dict[str, Any], customer: str, cards: list[dict[str, Any]]) -> dict[str, Any]:
    on = call.settings.switched_on()
    numbers = call.settings.counts_as_numbers
    profile["transactions"] = [_order(call, card, customer, on, numbers) for card in cards]
    profile["actions"] = [
        {"name": availability.TITLES[a], "formUrl": call.url(a, customer=customer)}
        for a in availability.CUSTOMER_ACTIONS
        if a in on
    ]
    return profile


def _order(call: Call, card: dict[str, Any], customer: str, on: tuple[str, ...], numbers: bool) -> dict[str, Any]:
    number = orders.number(card["id"])
    offered = [a for a in availability.actions(orders.standing(card)) if a in on]
    left = orders.standing(card).left
    return _given(
        type="ORDER",
        orderNumber=card["name"],
        orderStatus=orders.status(card),
        status=orders.status(card),
        createdAt=card.get("createdAt"),
        orderTotal=str(presentment(card.get("totalPriceSet"))),
        refundedTotal=str(refunded) if (refunded := presentment(card.get("totalRefundedSet"))) else "",
        refundableTotal=str(left) if left else "",
        currencyCode=card.get("presentmentCurrencyCode"),
        orderLink=f"{call.settings.admin_url}/orders/{number}",
        customerOrderUrl=card.get("statusPageUrl"),
        note=card.get("note"),
        tags=", ".join(card.get("tags") or []),
        itemCount=_count(card.get("currentSubtotalLineItemsQuantity"), numbers),
        billingAddress=_address(card.get("billingAddress") or {}),
        shippingSpeed=_speed(card),
        products=_products(card, numbers),
        fulfillments=[_fulfillment(f, card) for f in card.get("fulfillments") or []],
        actions=[
            {"name": availability.TITLES[a], "formUrl": call.url(a, order=number, customer=customer)} for a in offered
        ],
    )


def _products(card: dict[str, Any], numbers: bool) -> list[dict[str, Any]]:
    lines = card.get("lineItems") or {}
    products = [
        _given(
            id=orders.number(line["id"]),
            name=line.get("name"),
            sku=line.get("sku"),
            unitPrice=str(presentment(line.get("originalUnitPriceSet"))),
            quantity=_count(line.get("quantity"), numbers),
            status=_line_status(line),
            imageUrl=(line.get("image") or {}).get("url"),
        )
        for line in lines.get("nodes") or []
    ]
    if (lines.get("pageInfo") or {}).get("hasNextPage"):
        products.append({"id": "more", "name": "More items: see the order in Shopify"})
    return products


def _line_status(line: dict[str, Any]) -> str:
    if not line.get("currentQuantity"):
        return "removed"
    waiting = line.get("unfulfilledQuantity") or 0
    if not waiting:
        return "fulfilled"
    return "unfulfilled" if waiting >= line["currentQuantity"] else "partially fulfilled"


def _fulfillment(fulfillment: dict[str, Any], card: dict[str, Any]) -> dict[str, Any]:
    tracking: dict[str, Any] = next(iter(fulfillment.get("trackingInfo") or []), {})
    lines = (fulfillment.get("fulfillmentLineItems") or {}).get("nodes") or []
    return _given(
        status=str(fulfillment.get("displayStatus") or fulfillment.get("status") or "").replace("_", " ").lower(),
        trackingNumber=tracking.get("number"),
        trackingUrl=tracking.get("url"),
        carrier=tracking.get("company"),
        estimatedDeliveryDate=fulfillment.get("estimatedDeliveryAt"),
        shippingSpeed=_speed(card),
        shippingAddress=_address(card.get("shippingAddress") or {}),
        productIds=[orders.number(line["lineItem"]["id"]) for line in lines],
    )


def _address(place: dict[str, Any]) -> dict[str, Any]:
    """An address by the names under which the helpdesk's adapter reads its parts."""
    return _given(
        name=place.get("name"),
        phone=place.get("phone"),
        street1=place.get("address1"),
        street2=place.get("address2"),
        city=place.get("city"),
        state=place.get("provinceCode"),
        country=place.get("countryCodeV2"),
        zip=place.get("zip"),
    )


def _in_one_line(place: dict[str, Any]) -> str:
    """An address as a customer's profile has it: where, without who."""
    return ", ".join(part for name, part in _address(place).items() if name not in ("name", "phone"))


def _speed(card: dict[str, Any]) -> str | None:
    """The shipping that the customer chose: of the order, and of each of its parcels."""
    return (card.get("shippingLine") or {}).get("title")


def _count(value: Any, numbers: bool) -> Any:
    if value is None:
        return None
    return int(value) if numbers else str(value)


def _given(**fields: Any) -> dict[str, Any]:
    """The fields that Shopify has a value for."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
