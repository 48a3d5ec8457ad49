"""`Order.suggestedRefund`: the value of lines, shipping and duties, and the payments that it is refunded to.

Published: the arguments, and what each field adds up. Not recorded: the order in which several payments are used (here
one after the other, as they came in), the rounding of shares of discounts and taxes, and the suggestion for an order
that cannot be refunded to store credit (here the original payments).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .defaults import node
from .line_nodes import duty_node, line_node
from .lines import Line
from .orders import Order
from .payment_nodes import details, transaction_node

Given = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """Some pieces of a line, and their value in presentment currency: `paid` is without taxes."""

    line: Line
    quantity: int
    price: Decimal
    discounted: Decimal
    cart_discount: Decimal
    tax: Decimal

    @property
    def paid(self) -> Decimal:
        """The price after all discounts."""
        return self.discounted - self.cart_discount


@dataclass(frozen=True)
class Worth:
    """The sum of what is asked for, in presentment currency: lines, shipping with its tax, and duties by line."""

    parts: list[Part]
    shipping: Decimal
    shipping_tax: Decimal
    duties: list[tuple[Line, Decimal]]
    taxes_included: bool

    @property
    def tax(self) -> Decimal:
        """All taxes in it."""
        return sum((part.tax for part in self.parts), self.shipping_tax)

    @property
    def total(self) -> Decimal:
        """All of it, with taxes."""
        paid = sum((part.paid for part in self.parts), self.shipping)
        duties = sum((amount for _, amount in self.duties), Decimal(0))
        return paid + duties + (Decimal(0) if self.taxes_included else self.tax)


def part(order: Order, line: Line, quantity: int) -> Part:
    """The next pieces of a line, after those that were refunded already."""

    def worth(total: Decimal) -> Decimal:
        return order.share(line, total, quantity)

    whole = line.price * line.quantity
    cart = worth(line.cart_discount)
    return Part(line, quantity, line.price * quantity, worth(whole - line.discount), cart, worth(line.tax))


def worth(order: Order, given: Given | None = None) -> Worth:
    """What the arguments of `suggestedRefund` ask for; without arguments everything left, with shipping and duties."""
    everything = given is None
    asked: Given = given or {}
    lines = [(x, x.refundable) for x in order.lines if x.refundable]
    if not everything and not asked.get("suggestFullRefund"):
        counts = counted(asked.get("refundLineItems") or [])
        lines = [(x, min(counts[x.id], left)) for x, left in lines if x.id in counts]
    parts = [part(order, x, quantity) for x, quantity in lines]
    if everything or (asked.get("refundShipping") and asked.get("shippingAmount") is None):
        shipping = order.shipping_left
    else:
        shipping = min(order.shipping_left, Decimal(asked.get("shippingAmount") or 0))
    if everything:
        duties = [(x, x.duty_left) for x in order.lines if x.duty_left]
    else:
        duties = duties_of(order, asked.get("refundDuties") or [], {x.id: quantity for x, quantity in lines})
    return Worth(parts, shipping, order.shipping_tax_of(shipping), duties, order.taxes_included)


def counted(items: list[dict[str, Any]]) -> dict[str, int]:
    """How many pieces of each line are asked for, by its id: a line may be given more than once."""
    counts: dict[str, int] = {}
    for item in items:
        counts[item["lineItemId"]] = counts.get(item["lineItemId"], 0) + item["quantity"]
    return counts


def duties_of(order: Order, asked: list[dict[str, Any]], counts: Mapping[str, int]) -> list[tuple[Line, Decimal]]:
    """The value of duties: in full what is left of them, or in proportion to the refunded pieces."""
    found = []
    for one in asked:
        line = next((x for x in order.lines if x.duty_id == one["dutyId"] and x.duty), None)
        if line and one.get("refundType") == "PROPORTIONAL":
            pieces = order.share(line, line.duty, counts.get(line.id, 0))
            found.append((line, min(line.duty_left, pieces)))
        elif line:
            found.append((line, line.duty_left))
    return found


def suggested(order: Order, given: Given | None = None) -> dict[str, Any]:
    """A SuggestedRefund. `given`: the arguments of `suggestedRefund`; without them everything that is left."""
    asked = worth(order, given)
    amount = max(Decimal(0), min(order.net, asked.total))
    to_credit = (given or {}).get("refundMethodAllocation") == "STORE_CREDIT" and order.takes_store_credit
    nothing = Decimal(0)
    sums = {
        "amountSet": amount,
        "subtotalSet": sum((x.price for x in asked.parts), nothing),
        "discountedSubtotalSet": sum((x.discounted for x in asked.parts), nothing),
        "maximumRefundableSet": order.net,
        "totalCartDiscountAmountSet": sum((x.cart_discount for x in asked.parts), nothing),
        "totalDutiesSet": sum((duty for _, duty in asked.duties), nothing),
        "totalTaxSet": asked.tax,
    }
    shipping = {
        "amountSet": asked.shipping,
        "maximumRefundableSet": order.shipping_left,
        "taxSet": asked.shipping_tax,
    }
    return node(
        "SuggestedRefund",
        **{name: order.bag(value) for name, value in sums.items()},
        shipping={name: order.bag(value) for name, value in shipping.items()},
        refundLineItems=[_line_node(order, x) for x in asked.parts],
        refundDuties=[_duty_node(order, line, duty) for line, duty in asked.duties],
        suggestedTransactions=[] if to_credit else _transactions(order, amount),
        suggestedRefundMethods=[_store_credit_node(order, amount)] if to_credit else [],
    )


def _line_node(order: Order, x: Part) -> dict[str, Any]:
    return node(
        "RefundLineItem",
        id=None,
        quantity=x.quantity,
        restockType="NO_RESTOCK",
        restocked=False,
        location=None,
        lineItem=line_node(order, x.line),
        priceSet=order.bag(x.line.price),
        subtotalSet=order.bag(x.paid),
        totalTaxSet=order.bag(x.tax),
    )


def _duty_node(order: Order, line: Line, amount: Decimal) -> dict[str, Any]:
    return node("RefundDuty", amountSet=order.bag(amount), originalDuty=duty_node(order, line))


def _store_credit_node(order: Order, amount: Decimal) -> dict[str, Any]:
    return node(
        "SuggestedStoreCreditRefund",
        amount=order.bag(amount),
        maximumRefundable=order.bag(order.net),
        expiresAt=None,
    )


def _transactions(order: Order, wanted: Decimal) -> list[dict[str, Any]]:
    """The payments with something left, used up one after the other."""
    rest, found = wanted, []
    for p in order.payments():
        if (left := min(order.left(p), order.net)) <= 0:
            continue
        amount = max(Decimal(0), min(left, rest))
        rest -= amount
        found.append(
            node(
                "SuggestedOrderTransaction",
                parentTransaction=transaction_node(order, p),
                kind="SUGGESTED_REFUND",
                gateway=p.gateway,
                formattedGateway=p.shown,
                accountNumber=p.account,
                maximumRefundableSet=order.bag(left),
                amountSet=order.bag(amount),
                paymentDetails=details(p),
            )
        )
    return found
