"""A customer and an order as the helpdesk's card shows them: flat, every value text, nothing that Shopify lacks."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from orderdesk import availability, orders
from orderdesk.actions import Action
from orderdesk.context import Context
from orderdesk.ids import CustomerId
from orderdesk.money import money, presentment

from .lines import address, bought, count, given, parcels, products, speed
from .told import BETWEEN

#: The status of an order whose standing Shopify did not show; no action that moves money is offered on it.
NOT_SHOWN = "Status not shown by Shopify"


class Told(NamedTuple):
    """What our own records say: by order number, for its card; and all that concerns no card, as one text.

    `elsewhere` is None if they did not answer. `unread`: the numbers of orders whose standing Shopify did not show.
    `locked`: of those whose money nothing is to move, since Shopify may still carry out what ours asked it for.
    """

    cards: Mapping[str, Sequence[str]]
    elsewhere: str | None = None
    unread: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()

    def attribute(self) -> dict[str, str]:
        """`lastActions`. Gladly keeps an attribute that is left out, so one that is over goes out empty."""
        return {} if self.elsewhere is None else {"lastActions": self.elsewhere}


def basic(customer: dict[str, Any]) -> dict[str, Any]:
    """Who it is: enough to link, without orders."""
    email = (customer.get("defaultEmailAddress") or {}).get("emailAddress")
    phone = (customer.get("defaultPhoneNumber") or {}).get("phoneNumber")
    return given(
        externalCustomerId=orders.number(customer["id"]),
        name=customer.get("displayName"),
        address=", ".join((customer.get("defaultAddress") or {}).get("formatted") or []),
        emails=[{"original": email}] if email else [],
        phones=[{"original": phone, "type": "MOBILE"}] if phone else [],
    )


def found(ctx: Context, customer: dict[str, Any]) -> dict[str, Any]:
    """Who it is, with the customer's figures: the vendor's App Platform adapter reads those of a BASIC reply alone."""
    return basic(customer) | {"customAttributes": _figures(ctx, customer)}


def detailed(ctx: Context, customer: dict[str, Any], cards: list[dict[str, Any]], told: Told) -> dict[str, Any]:
    """The whole profile: the customer, the orders of `cards`, and what may be done."""
    profile = basic(customer)
    newest = customer.get("orders") or {}
    shown = f"{len(cards)} of {customer.get('numberOfOrders')}; find an older one by its number"
    further = bool((newest.get("pageInfo") or {}).get("hasNextPage"))
    profile["customAttributes"] = _figures(ctx, customer) | {"ordersShown": shown if further else ""} | told.attribute()
    return _with_actions(ctx, profile, profile["externalCustomerId"], cards, told)


def guest(ctx: Context, order: dict[str, Any], told: Told | None = None) -> dict[str, Any]:
    """The person who placed an order without an account: known by that order alone. Without `told`: who it is."""
    linked = CustomerId.of_guest(orders.number(order["id"]))
    place = order.get("billingAddress") or order.get("shippingAddress") or {}
    profile = given(
        externalCustomerId=linked,
        name=place.get("name") or f"Guest of order {order['name']}",
        address=_in_one_line(place),
        emails=[{"original": order["email"]}] if order.get("email") else [],
        phones=[{"original": order["phone"], "type": "MOBILE"}] if order.get("phone") else [],
        customAttributes={"guestOrder": order["name"]} | (told.attribute() if told else {}),
    )
    return _with_actions(ctx, profile, linked, [order], told) if told else profile


def customer_no_more(number: str) -> dict[str, Any]:
    """What a profile shows whose customer Shopify no longer has under this number: merged with another, or deleted."""
    return {
        "externalCustomerId": number,
        "name": "Customer no longer in Shopify",
        "customAttributes": {
            "lastActions": "Shopify no longer has this customer: it was merged with another one, or deleted. Search "
            "for the customer again, and link the profile to the one you find.",
        },
    }


def guest_no_more(order: dict[str, Any]) -> dict[str, Any]:
    """What a profile that is linked to a guest's order shows once the order has got a customer: how to go on, and no
    action, since the order is somebody's now."""
    name = order["name"]
    return {
        "externalCustomerId": CustomerId.of_guest(orders.number(order["id"])),
        "name": f"Guest of order {name}",
        "customAttributes": {
            "guestOrder": name,
            "lastActions": f"Order {name} now belongs to a customer. Search for the customer by this order number, and "
            "link the profile to them.",
        },
    }


def _figures(ctx: Context, customer: dict[str, Any]) -> dict[str, Any]:
    return given(
        totalSpent=str(money(customer.get("amountSpent"))),
        totalOrders=str(customer.get("numberOfOrders", "")),
        customerLink=f"{ctx.settings.admin_url}/customers/{orders.number(customer['id'])}",
    )


def _with_actions(
    ctx: Context, profile: dict[str, Any], customer: str, cards: list[dict[str, Any]], told: Told
) -> dict[str, Any]:
    on = ctx.settings.switched_on()
    profile["transactions"] = [_order(ctx, card, customer, on, told) for card in cards]
    profile["actions"] = [
        {"name": a.title, "formUrl": ctx.url(a, customer=customer)} for a in on if a.about == "customer" and a.offered
    ]
    return profile


def _order(ctx: Context, card: dict[str, Any], customer: str, on: tuple[Action, ...], told: Told) -> dict[str, Any]:
    number, numbers = orders.number(card["id"]), ctx.settings.counts_as_numbers
    standing, unread = orders.standing(card), number in told.unread
    still = unread or number in told.locked
    offered = [a for a in availability.offered(standing) if a in on and not (still and a.moves_money)]
    status, left = (NOT_SHOWN, None) if unread else (orders.status(card), standing.left)
    return given(
        type="ORDER",
        orderNumber=card["name"],
        orderStatus=BETWEEN.join([status, *told.cards.get(number, ())]),
        status=status,
        createdAt=card.get("createdAt"),
        orderTotal=str(presentment(card.get("totalPriceSet"))),
        refundedTotal=str(refunded) if (refunded := presentment(card.get("totalRefundedSet"))) else "",
        refundableTotal=str(left) if left else "",
        currencyCode=card.get("presentmentCurrencyCode"),
        orderLink=f"{ctx.settings.admin_url}/orders/{number}",
        customerOrderUrl=card.get("statusPageUrl"),
        note=card.get("note"),
        tags=", ".join(card.get("tags") or []),
        itemCount=count(bought(card), numbers),
        billingAddress=address(card.get("billingAddress") or {}),
        shippingSpeed=speed(card),
        products=products(card, numbers=numbers),
        fulfillments=list(parcels(card)),
        actions=[{"name": a.title, "formUrl": ctx.url(a, order=number, customer=customer)} for a in offered],
    )


def _in_one_line(place: dict[str, Any]) -> str:
    """An address as a customer's profile has it: where, without who."""
    return ", ".join(part for name, part in address(place).items() if name not in ("name", "phone"))
