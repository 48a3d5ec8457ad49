"""The refund of a choice, ready to be sent: Shopify's own amount for it, and where that goes.

Rules from Shopify's schema: `SuggestedRefund`, `RefundInput`, `StoreCreditRefundInput`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from orderdesk import movements, refund_requests
from orderdesk.errors import BadInput, Changed, Refused
from orderdesk.ids import number
from orderdesk.money import Money, presentment
from orderdesk.movements import Tender
from orderdesk.orders import Order
from orderdesk.refund_requests import LISTED_AT_MOST

from .choice import ATTR

if TYPE_CHECKING:
    from . import nodes


class Plan(NamedTuple):
    """The refund of a choice (`asked`, the variables by which Shopify suggested it), in presentment currency.

    `worth`: what the choice is worth, of which no more than is left goes back. `to_credit`: to store credit, and not to
    the `tenders`; `expires`: when that ends, as Shopify suggests it.
    """

    order: str
    asked: Mapping[str, Any]
    total: Money
    worth: Money
    shipping: Money
    tenders: tuple[Tender, ...]
    to_credit: bool
    expires: str | None

    def destinations(self) -> str:
        """`$10.00 to Visa •••• 4242, $5.00 to Gift card`, and what a person must pay back; `$15.00 to store credit`."""
        return f"{self.total} to store credit" if self.to_credit else movements.destinations(self.tenders)

    @property
    def by_hand(self) -> bool:
        """True if Shopify moves none of the money, and only records it."""
        return not self.to_credit and all(t.by_hand for t in self.tenders)

    def refund_input(self, note: str, notify: bool) -> dict[str, Any]:
        """Shopify's `RefundInput`. The order of its fields is fixed: Shopify compares it under one key."""
        given: dict[str, Any] = {
            "orderId": self.order,
            "note": note,
            "notify": notify,
            "currency": self.total.currency,
            "refundLineItems": list(self.asked["lines"]),
            "transactions": refund_requests.transactions(self.order, self.tenders),
        }
        if self.asked["allShipping"]:
            given["shipping"] = {"fullRefund": True}
        elif self.asked["shippingAmount"]:
            given["shipping"] = {"amount": self.asked["shippingAmount"]}
        if self.asked["duties"]:
            given["refundDuties"] = list(self.asked["duties"])
        if self.to_credit:
            amount = {"amount": str(self.total.amount), "currencyCode": self.total.currency}
            credit = {"amount": amount} | ({"expiresAt": self.expires} if self.expires else {})
            given["refundMethods"] = [{"storeCreditRefund": credit}]
        return given


def plan_of(order: Order[nodes.RefundItemsFactsOrder]) -> Plan:
    """The plan of the choice that the order was asked with, whose answer has the suggestion `chosen`.

    Raises Changed at a line's field if Shopify has fewer pieces left, BadInput if the choice is worth nothing or can no
    longer go to store credit, Refused if its payments cannot take it back.
    """
    node, asked = order.node, order.asked
    chosen = node["chosen"] or {}
    _require_all_pieces(chosen, asked)
    shipping, worth = presentment(chosen["shipping"]["amountSet"]), _worth(chosen, node["taxesIncluded"])
    _require_shipping(shipping, asked)
    left = movements.left(node)
    total = worth._replace(amount=min(presentment(chosen["amountSet"]).amount, left.amount))
    if not total:
        raise BadInput("What you chose costs nothing, so there is nothing to refund.", "Nothing was refunded.")
    to_credit, expires = asked["method"] == "STORE_CREDIT", None
    tenders: list[Tender] = []
    if to_credit:
        expires = _store_credit(chosen).get("expiresAt")
    else:
        tenders = movements.spread(node, _suggested(chosen))
    if max(len(tenders), len(asked["duties"])) > LISTED_AT_MOST:
        raise _not_here(order.name, f"it has more payments or duties than Shopify takes at once ({LISTED_AT_MOST})")
    if not to_credit and (given := sum((t.amount.amount for t in tenders), start=Decimal(0))) != total.amount:
        there = total._replace(amount=given)
        raise _not_here(order.name, f"you chose {total}, but its payments can only take {there}")
    return Plan(node["id"], asked, total, worth, shipping, tuple(tenders), to_credit, expires)


def _worth(chosen: nodes.RefundItemsFactsOrderChosen, taxes_included: bool) -> Money:
    """What a choice is worth, whatever is left of the order's money."""
    parts = [line["subtotalSet"] for line in chosen["refundLineItems"]]
    parts += [chosen["shipping"]["amountSet"], chosen["totalDutiesSet"]]
    parts += [] if taxes_included else [chosen["totalTaxSet"]]
    amount = sum((presentment(part).amount for part in parts), start=Decimal(0))
    return presentment(chosen["amountSet"])._replace(amount=amount)


def _suggested(chosen: nodes.RefundItemsFactsOrderChosen) -> list[tuple[str, Decimal, Decimal]]:
    """For each payment that Shopify suggests: its id, the amount, and the most that it can take back."""
    return [
        (
            parent["id"],
            presentment(one["amountSet"]).amount,
            presentment(one["maximumRefundableSet"] or one["amountSet"]).amount,
        )
        for one in chosen["suggestedTransactions"]
        if (parent := one.get("parentTransaction"))
    ]


def _store_credit(chosen: nodes.RefundItemsFactsOrderChosen) -> nodes.RefundItemsFactsOrderChosenSuggestedRefundMethods:
    """Shopify's suggestion of store credit. Raises BadInput if there is none any more."""
    for method in chosen["suggestedRefundMethods"]:
        if method:
            return method
    raise BadInput("Shopify no longer offers store credit for this order.", "Nothing was refunded.", attr="to")


def _require_all_pieces(chosen: nodes.RefundItemsFactsOrderChosen, asked: Mapping[str, Any]) -> None:
    there = {line["lineItem"]["id"]: line["quantity"] for line in chosen["refundLineItems"]}
    for line in asked["lines"]:
        if (now := there.get(line["lineItemId"], 0)) != line["quantity"]:
            raise Changed(
                f"Only {now} of this can be refunded now." if now else "This has been refunded already.",
                "The order has changed since you opened this form, so nothing was done. Choose again.",
                attr=f"{ATTR}{number(line['lineItemId'])}",
                code="quantity_changed",
            )


def _require_shipping(now: Money, asked: Mapping[str, Any]) -> None:
    wanted = Decimal(asked["shippingAmount"] or 0)
    if now.amount < wanted or (asked["allShipping"] and not now):
        raise Changed(
            f"Only {now} of the shipping can be refunded now." if now else "The shipping has been refunded already.",
            "The order has changed since you opened this form, so nothing was done. Choose again.",
            attr="shipping_amount" if wanted else "shipping",
            code="shipping_changed",
        )


def _not_here(name: str, reason: str) -> Refused:
    return Refused(
        f"Order {name} can't be refunded this way: {reason}.",
        "Nothing was changed. Choose less, or refund it in Shopify.",
        code="not_available",
    )
