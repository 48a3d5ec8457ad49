"""An order as every action looks at it: whose it is, how it stands, and what the agent is told about it."""

from typing import Any, NamedTuple

from . import movements
from .actions import Action
from .availability import FULFILMENT, Standing, why_not
from .errors import NotFound, Refused, ShopifyUnavailable
from .shopify import IN_PART

#: From so many transactions on, Shopify's list may have been cut short, and is compared with its own count.
_LONG = 50


class Order(NamedTuple):
    """An order's facts (fragment `OrderFacts` and `customer { id }`) with the rest of the answer in `node`."""

    number: str
    name: str
    customer: str
    standing: Standing
    node: dict[str, Any]


def gid(kind: str, number: str) -> str:
    """A Shopify global id."""
    return f"gid://shopify/{kind}/{number}"


def number(global_id: str) -> str:
    """The number at the end of a Shopify global id."""
    return global_id.rsplit("/", 1)[-1].split("?")[0]


def standing(node: dict[str, Any]) -> Standing:
    """How the order of an `OrderFacts` answer stands."""
    return Standing(
        payment=node.get("displayFinancialStatus"),
        fulfilment=node.get("displayFulfillmentStatus"),
        cancelled=bool(node.get("cancelledAt")),
        refundable=bool(node.get("refundable")),
        left=movements.left(node),
        on_its_way=movements.on_its_way(node),
    )


def status(node: dict[str, Any]) -> str:
    """`Paid, unfulfilled`, `Cancelled, refunded`: how an order stands in Shopify's words, for a person."""
    payment, fulfilment = standing(node).words()
    words = ["cancelled", payment] if node.get("cancelledAt") else [payment, fulfilment]
    return ", ".join(filter(None, words)).capitalize()


def require_whole(node: dict[str, Any]) -> None:
    """Nothing if all of an order's transactions are there (fragment `Payments`), ShopifyUnavailable if they are not."""
    count = (node.get("transactionsCount") or {}).get("count") or 0
    if len(node["transactions"]) >= _LONG and count > len(node["transactions"]):
        raise ShopifyUnavailable(
            "Shopify does not show all payments of this order.",
            "Nothing was changed. Please look at the order in Shopify, or try again later.",
            code=IN_PART,
        )


def read(node: dict[str, Any] | None, customer: str) -> Order:
    """The order of an answer, whose customer must be `customer` where one is named. Raises NotFound.

    Somebody else's order is answered as one that does not exist, unless the profile is linked to this very order: a
    guest's order that has got a customer.
    """
    if not node:
        raise not_found()
    owner = node.get("customer")
    order = number(node["id"])
    belongs_to = number(owner["id"]) if owner else f"order-{order}"
    if customer and customer == f"order-{order}" != belongs_to:
        raise NotFound(
            f"Order {node['name']} now belongs to a customer.",
            "Nothing was changed. Search for the customer by this order number, and link the profile to them.",
        )
    if customer and customer != belongs_to:
        raise not_found()
    return Order(order, node["name"], belongs_to, standing(node), node)


def require(action: Action, order: Order) -> None:
    """Do nothing if the rule offers the action on the order. Raises Refused, with the reason, if it does not."""
    if reason := why_not(action, order.standing):
        raise Refused(
            f"Order {order.name} {action.refusal}: {reason}.",
            "Nothing was changed.",
            code="not_available",
        )


def not_found() -> NotFound:
    """The order is not there, or not to be seen."""
    return NotFound(
        "The order was not found.",
        "Nothing was changed. Shopify does not show this order for this customer. If the customer was merged with "
        "another one, search for them again and link the profile. Orders older than 60 days are only shown if an admin "
        "has allowed that in Shopify.",
    )


__all__ = [
    "FULFILMENT", "Order", "gid", "not_found", "number", "read", "require", "require_whole", "standing", "status",
]  # fmt: skip
