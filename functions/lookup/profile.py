"""A customer and an order as the helpdesk's card shows them: a flat object, all values text, empty fields left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from orderdesk import availability, fulfillment, orders, scopes
from orderdesk.actions import ALWAYS, Action
from orderdesk.context import Context
from orderdesk.ids import CustomerId
from orderdesk.money import money, presentment
from orderdesk.operations.approval import DECISIONS, same_person

from .lines import address, bought, count, further, given, parcels, products, speed
from .told import BETWEEN

if TYPE_CHECKING:
    from orderdesk.shopify.nodes import Address, CustomerCard, OrderCard

    from .nodes import CustomerProfileCustomer, GuestOrderOrder, OrdersByNameOrder

#: The status of an order that Shopify did not show in full. No action whose rule asks for it is offered.
NOT_SHOWN = "Status not shown by Shopify"


class Told(NamedTuple):
    """What our own records say: `notes` by order number, and as one text (`elsewhere`) what belongs on no order's card.

    `elsewhere` is None if the records did not answer. `unread`: the numbers of orders whose status Shopify did not show
    in full. `locked`: the numbers of orders on which no action may move money, since Shopify may still carry out an
    earlier request, or one waits for a second person. `waiting`: what waits for one, as the records have it. `granted`:
    the app's access scopes; None if Shopify does not say them.
    """

    cards: Mapping[str, Sequence[str]]
    elsewhere: str | None = None
    unread: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    waiting: Sequence[Mapping[str, Any]] = ()
    granted: frozenset[str] | None = None

    def attribute(self) -> dict[str, str]:
        """`lastActions`. Gladly keeps the old value if an attribute is left out, so it is sent empty if there is
        none."""
        return {} if self.elsewhere is None else {"lastActions": self.elsewhere}


def basic(customer: CustomerCard) -> dict[str, Any]:
    """Who the customer is: enough to link the profile, without orders."""
    email = (customer.get("defaultEmailAddress") or {}).get("emailAddress")
    phone = (customer.get("defaultPhoneNumber") or {}).get("phoneNumber")
    return given(
        externalCustomerId=orders.number(customer["id"]),
        name=customer.get("displayName"),
        address=", ".join((customer.get("defaultAddress") or {}).get("formatted") or []),
        emails=[{"original": email}] if email else [],
        phones=[{"original": phone, "type": "MOBILE"}] if phone else [],
    )


def found(ctx: Context, customer: CustomerCard) -> dict[str, Any]:
    """The customer with totals. The vendor's App Platform adapter reads those from the BASIC reply only."""
    return basic(customer) | {"customAttributes": _figures(ctx, customer)}


def detailed(ctx: Context, customer: CustomerProfileCustomer, cards: Sequence[OrderCard], told: Told) -> dict[str, Any]:
    """The whole profile: the customer, the orders of `cards`, and the actions."""
    profile = basic(customer)
    newest = customer.get("orders") or {}
    shown = f"{len(cards)} of {customer.get('numberOfOrders')}; search for an older one by its number"
    if not further(newest):
        shown = ""
    profile["customAttributes"] = _figures(ctx, customer) | {"ordersShown": shown} | told.attribute()
    return _with_actions(ctx, profile, profile["externalCustomerId"], cards, told)


def guest_found(order: OrdersByNameOrder) -> dict[str, Any]:
    """The person who placed an order without an account, known by that order only: enough to link the profile."""
    return _guest(order, order.get("billingAddress") or {}, {})


def guest(ctx: Context, order: GuestOrderOrder, told: Told) -> dict[str, Any]:
    """The person who placed an order without an account, with that order and its actions."""
    place = order.get("billingAddress") or order.get("shippingAddress") or {}
    profile = _guest(order, place, told.attribute())
    return _with_actions(ctx, profile, profile["externalCustomerId"], [order], told)


def _guest(order: GuestOrderOrder | OrdersByNameOrder, place: Address, told: dict[str, str]) -> dict[str, Any]:
    return given(
        externalCustomerId=CustomerId.of_guest(orders.number(order["id"])),
        name=place.get("name") or f"Guest of order {order['name']}",
        address=_in_one_line(place),
        emails=[{"original": order["email"]}] if order.get("email") else [],
        phones=[{"original": order["phone"], "type": "MOBILE"}] if order.get("phone") else [],
        customAttributes={"guestOrder": order["name"]} | told,
    )


def customer_no_more(number: str) -> dict[str, Any]:
    """What to show if Shopify no longer has the customer under this number: merged with another, or deleted."""
    return {
        "externalCustomerId": number,
        "name": "Customer no longer in Shopify",
        "customAttributes": {
            "lastActions": "Shopify no longer has this customer, who was merged with another one or deleted. Search "
            "for the customer again and link the profile to the one you find.",
        },
    }


def guest_no_more(order: GuestOrderOrder) -> dict[str, Any]:
    """What to show if a profile is linked to a guest's order that has a customer now. No actions: the order belongs to
    the customer."""
    name = order["name"]
    return {
        "externalCustomerId": CustomerId.of_guest(orders.number(order["id"])),
        "name": f"Guest of order {name}",
        "customAttributes": {
            "guestOrder": name,
            "lastActions": f"Order {name} now belongs to a customer. Search by this order number to find the customer, "
            "then link the profile to them.",
        },
    }


def _figures(ctx: Context, customer: CustomerCard) -> dict[str, Any]:
    return given(
        totalSpent=str(money(customer.get("amountSpent"))),
        totalOrders=str(customer.get("numberOfOrders", "")),
        customerLink=f"{ctx.settings.admin_url}/customers/{orders.number(customer['id'])}",
    )


def _with_actions(
    ctx: Context, profile: dict[str, Any], customer: str, cards: Sequence[OrderCard], told: Told
) -> dict[str, Any]:
    on = tuple(a for a in ctx.allowed(ctx.settings.switched_on) if not scopes.lacking(a, told.granted))
    profile["transactions"] = [_order(ctx, card, customer, on, told) for card in cards]
    profile["actions"] = [
        *_decisions(ctx, "", customer, on, told),
        *(
            {"name": a.title, "formUrl": ctx.url(a, customer=customer)}
            for a in on
            if a.about == "customer" and a.offered
        ),
    ]
    return profile


def _order(ctx: Context, card: OrderCard, customer: str, on: tuple[Action, ...], told: Told) -> dict[str, Any]:
    number, numbers = orders.number(card["id"]), ctx.settings.counts_as_numbers
    standing, unread = orders.standing(card), number in told.unread
    offered = [a for a in availability.offered(standing) if a in on and not (number in told.locked and a.moves_money)]
    if unread:
        offered = [a for a in offered if a.offered == ALWAYS]
    status, left = (NOT_SHOWN, None) if unread else (orders.status(card), standing.left)
    return given(
        type="ORDER",
        orderNumber=card["name"],
        orderStatus=BETWEEN.join([status, *fulfillment.held(card), *told.cards.get(number, ())]),
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
        actions=[
            *_decisions(ctx, number, customer, on, told),
            *_offered(ctx, card, customer, offered),
        ],
    )


def _offered(ctx: Context, card: OrderCard, customer: str, offered: Sequence[Action]) -> list[dict[str, str]]:
    number = orders.number(card["id"])
    return [
        {"name": name, "formUrl": ctx.url(a, order=number, customer=customer, **which)}
        for a in offered
        for name, which in _forms(a, further=further(card.get("lineItems")))
    ]


def _decisions(ctx: Context, order: str, customer: str, on: Sequence[Action], told: Told) -> list[dict[str, str]]:
    """“Approve” and “Decline” for what waits on an order (its number; "": for the customer), unless the agent asked for
    it themselves."""
    found = []
    for one in told.waiting:
        action = next((a for a in on if a.name == one["action"]), None)
        mine = ctx.agent.vouched and same_person(ctx.agent.vouched, one.get("asked_by", ""))
        # Two stores may be one shop; what waits belongs to the store that it was asked for in.
        here = (one.get("store"), one.get("order", "")) == (ctx.store, order)
        if not action or mine or not here:
            continue
        what = " ".join(filter(None, [action.title, one.get("code"), f"({one['worth']})"]))
        ids = {"order": order, "customer": customer, "operation": one["operation"]}
        found += [
            {"name": f"{button}: {what}", "formUrl": ctx.url(action, decision=decision, **ids)}
            for decision, button in DECISIONS.items()
        ]
    return found


def _forms(action: Action, *, further: bool) -> list[tuple[str, dict[str, str]]]:
    """The title of each form of an action, with what its address says in addition to the order. `further`: the order
    has more lines than its card."""
    return [(action.title, {}), *([(action.more, {"lines": "more"})] if action.more and further else [])]


def _in_one_line(place: Address) -> str:
    """An address in a customer's profile: the place, without the name."""
    return ", ".join(part for name, part in address(place).items() if name not in ("name", "phone"))
