"""A LineItem as the API shows it."""

from decimal import Decimal
from typing import Any

from .defaults import node
from .fulfillment_orders import fulfillable
from .ids import rounded, share
from .lines import Line
from .orders import Order


def line_node(order: Order, x: Line) -> dict[str, Any]:
    """A LineItem. It is not recorded that `currentQuantity` excludes refunded pieces that stay on the order."""
    whole, unsent = x.price * x.quantity, max(0, x.unsent)
    discounted = whole - x.discount
    amounts = {
        "originalUnitPriceSet": x.price,
        "discountedUnitPriceSet": _each(order, x, discounted),
        "discountedUnitPriceAfterAllDiscountsSet": _each(order, x, x.paid),
        "priceAfterAllDiscountsBeforeTaxesSet": x.paid - (x.tax if order.taxes_included else 0),
        "originalTotalSet": whole,
        "totalDiscountSet": x.discount,
        "unfulfilledOriginalTotalSet": x.price * unsent,
        "unfulfilledDiscountedTotalSet": share(discounted, x.quantity, 0, unsent, order.currency),
    }
    return node(
        "LineItem",
        id=x.id,
        name=x.title,
        title=x.title,
        sku=x.sku or None,
        quantity=x.quantity,
        currentQuantity=x.refundable,
        refundableQuantity=x.refundable,
        unfulfilledQuantity=unsent,
        fulfillableQuantity=lambda _info: 0 if order.cancelled else fulfillable(order.fulfillment_orders(), x),
        requiresShipping=x.requires_shipping,
        restockable=x.restockable,
        taxable=bool(x.tax),
        product=None,
        image=node("Image", url=lambda _info, **_: x.image) if x.image else None,
        duties=[duty_node(order, x)] if x.duty else [],
        taxLines=lambda _info, first=None: [_tax_line(order, x)][:first] if x.tax else [],
        discountedTotalSet=lambda _info, withCodeDiscounts=False: order.bag(  # noqa: N803
            x.paid if withCodeDiscounts else discounted
        ),
        **{name: order.bag(amount) for name, amount in amounts.items()},
    )


def duty_node(order: Order, x: Line) -> dict[str, Any]:
    """A Duty."""
    return node("Duty", id=x.duty_id, price=order.bag(x.duty))


def _each(order: Order, x: Line, total: Decimal) -> Decimal:
    """The approximate price of one piece."""
    return rounded(total / x.quantity, order.currency) if total != x.price * x.quantity else x.price


def _tax_line(order: Order, x: Line) -> dict[str, Any]:
    return tax_line_node(order, x.tax_title, x.tax, x.tax / x.paid if x.paid else Decimal(0))


def tax_line_node(order: Order, title: str, tax: Decimal, rate: Decimal) -> dict[str, Any]:
    """A TaxLine."""
    return node(
        "TaxLine",
        title=title,
        rate=float(round(rate, 4)),
        ratePercentage=float(round(rate * 100, 2)),
        priceSet=order.bag(tax),
        channelLiable=False,
        source=None,
    )
