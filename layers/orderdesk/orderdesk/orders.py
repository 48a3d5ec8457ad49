"""An order as every action looks at it: whose it is, how it stands, and what the agent is told about it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypedDict, TypeVar, cast

from . import fulfillment, movements, scopes
from .actions import Action
from .availability import FULFILMENT, Standing, why_not
from .context import Context
from .errors import NotFound, Refused, ShopifyUnavailable
from .ids import CustomerId, gid, number
from .money import presentment
from .shopify import IN_PART, Client, Document

Node = TypeVar("Node", bound="Owned")
Asked = TypeVar("Asked")

if TYPE_CHECKING:
    from typing_extensions import ReadOnly

    from .shopify.nodes import FulfillmentFacts, Granted, InvoiceFacts, ItemFacts, OrderCard, OrderFacts, Payments

    class Owner(TypedDict, total=False):
        """A customer, by the id alone."""

        id: ReadOnly[str]

    class Owned(TypedDict, total=False):
        """What every action reads of an order."""

        id: ReadOnly[str]
        name: ReadOnly[str]
        customer: ReadOnly[Owner | None]

    class Sent(TypedDict, total=False):
        """An order that is sent somewhere."""

        shippingAddress: ReadOnly[Mapping[str, Any] | None]

    class RuleFacts(OrderFacts, InvoiceFacts, ItemFacts, FulfillmentFacts, Sent, total=False):
        """What the rules ask of an order; an answer has the parts that its actions need."""

    class WithScopes(TypedDict, total=False):
        """An answer that says what the app was granted."""

        currentAppInstallation: ReadOnly[Granted | None]

    class OfOrder(TypedDict, Generic[Asked], total=False):
        """The answer to a document that reads `order(id: $id)`."""

        order: ReadOnly[Asked | None]


#: From so many transactions on, Shopify's list may have been cut short, and is compared with its own count.
_LONG = 50


class Order(NamedTuple, Generic[Node]):
    """An order's facts (fragment `OrderFacts` and `customer { id }`) with the rest of the answer in `node`.

    `asked`: the variables of the document, without the order's id. `more`: what it answered in addition to the order.
    """

    number: str
    name: str
    customer: CustomerId
    standing: Standing
    node: Node
    asked: Mapping[str, Any] = MappingProxyType({})
    more: Mapping[str, Any] = MappingProxyType({})


def standing(node: OrderFacts) -> Standing:
    """How the order of an `OrderFacts` answer stands, and what else of `RuleFacts` was read of it."""
    more = cast("RuleFacts", node)
    return Standing(
        payment=node.get("displayFinancialStatus"),
        fulfilment=node.get("displayFulfillmentStatus"),
        cancelled=bool(node.get("cancelledAt")),
        refundable=bool(node.get("refundable")),
        left=movements.left(node),
        on_its_way=movements.on_its_way(node),
        due=presentment(due) if (due := more.get("totalOutstandingSet")) else None,
        has_email=bool(more["email"]) if "email" in more else None,
        has_address=bool(more["shippingAddress"]) if "shippingAddress" in more else None,
        parts=fulfillment.parts(more),
        has_items=_has_items(cast("OrderCard", node)) if "currentShippingPriceSet" in more else None,
    )


def _has_items(node: OrderCard) -> bool:
    """True if a line or shipping of an order is left to refund."""
    lines = node["lineItems"]
    further = lines["pageInfo"]["hasNextPage"]
    left = any(line["refundableQuantity"] for line in lines["nodes"])
    return left or further or bool(presentment(node["currentShippingPriceSet"]))


def status(node: OrderFacts) -> str:
    """`Paid, unfulfilled`, `Cancelled, refunded`: how an order stands in Shopify's words, for a person."""
    payment, fulfilment = standing(node).words()
    words = ["cancelled", payment] if node.get("cancelledAt") else [payment, fulfilment]
    return ", ".join(filter(None, words)).capitalize()


def find(
    ctx: Context, action: Action, facts: Document[OfOrder[Node]], asked: Mapping[str, Any] | None = None
) -> Order[Node]:
    """The order that the address names, by a document of the action's that reads `order(id: $id)`. `asked`: the
    document's other variables.

    Raises NotFound if it is not there or not the customer's that the address names, Refused if the rule does not allow
    the action on it, and what `Client.read` raises.
    """
    data = ctx.shopify.read(facts, id=gid("Order", ctx.order()), **(asked or {}))
    order = read(data.get("order"), ctx.customer() if ctx.query.get("customer") else None)
    granted = scopes.of(cast("WithScopes", data).get("currentAppInstallation"))
    order = order._replace(
        standing=order.standing._replace(granted=granted),
        asked=asked or {},
        more={name: value for name, value in data.items() if name != "order"},
    )
    require(action, order)
    if action.moves_money:
        require_whole(cast("Payments", order.node))
    return order


def again(client: Client, order: str, document: Document[OfOrder[Asked]]) -> Asked:
    """An order (its number) as it is now, by a document that reads `order(id: $id)`. Raises NotFound if Shopify does
    not show it, and what `Client.read` raises."""
    node = client.read(document, id=gid("Order", order)).get("order")
    if node is None:
        raise not_found()
    return node


def require_whole(node: Payments) -> None:
    """Raise ShopifyUnavailable if not all of an order's transactions are there (fragment `Payments`)."""
    count = (node.get("transactionsCount") or {}).get("count") or 0
    if len(node["transactions"]) >= _LONG and count > len(node["transactions"]):
        raise ShopifyUnavailable(
            "Shopify isn't showing all payments of this order.",
            "Nothing was changed. Check the order in Shopify, or try again later.",
            code=IN_PART,
        )


def read(node: Node | None, customer: CustomerId | None) -> Order[Node]:
    """The order of an answer, whose customer must be `customer` if one is named. Raises NotFound.

    Another customer's order is answered as one that does not exist, unless the profile is linked to this very order: a
    guest's order that has got a customer.
    """
    if not node:
        raise not_found()
    order = number(node["id"])
    belongs_to = CustomerId.of_order(order, node["customer"])
    if customer and customer == CustomerId.of_guest(order) != belongs_to:
        raise NotFound(
            f"Order {node['name']} now belongs to a customer.",
            "Nothing was changed. Search by this order number to find the customer, then link the profile to them.",
        )
    if customer and customer != belongs_to:
        raise not_found()
    # An action without a rule reads none of `OrderFacts`, and is offered however the order stands.
    return Order(order, node["name"], belongs_to, standing(cast("OrderFacts", node)), node)


def require(action: Action, order: Order[Any]) -> None:
    """Raise Refused, with the reason, if the rule does not offer the action on the order."""
    if reason := why_not(action, order.standing):
        raise Refused(
            f"Order {order.name} {action.refusal}: {reason}.",
            "Nothing was changed.",
            code="not_available",
        )


def not_found() -> NotFound:
    """The order is not there, or not to be seen."""
    return NotFound(
        "We couldn't find this order.",
        "Nothing was changed. Shopify doesn't show this order for this customer. If the customer was merged with "
        "another one, search for them again and link the profile. Orders older than 60 days only show up if an admin "
        "has allowed that in Shopify.",
    )


__all__ = [
    "FULFILMENT", "Order",
    "again", "find", "gid", "not_found", "number", "read", "require", "require_whole", "standing", "status",
]  # fmt: skip
