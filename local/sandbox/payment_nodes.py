"""An OrderTransaction and a Refund as the API shows them."""

from decimal import Decimal
from typing import Any

from .connections import connection
from .defaults import node
from .ids import iso, money
from .line_nodes import duty_node, line_node
from .lines import Line
from .locations import location_node
from .orders import Order, Refund, RefundedLine, Transaction


def transaction_node(order: Order, t: Transaction) -> dict[str, Any]:
    """An OrderTransaction."""
    left = min(order.left(t), max(order.net, Decimal(0))) if t in order.payments() else None
    return node(
        "OrderTransaction",
        id=t.id,
        kind=t.kind,
        status=t.status,
        errorCode="GENERIC_ERROR" if t.status in ("ERROR", "FAILURE") else None,
        gateway=t.gateway,
        formattedGateway=t.shown,
        manualPaymentGateway=t.by_hand,
        accountNumber=t.account,
        amountSet=order.bag(t.amount),
        maximumRefundableV2=money(left, order.currency) if left is not None else None,
        totalUnsettledSet=order.bag(next((left for one, left in order.held() if one is t), Decimal(0))),
        paymentDetails=details(t),
        createdAt=iso(t.at or order.created),
        processedAt=iso(t.at or order.created),
        test=order.test,
        order=lambda info: info.context.store.order_node(order),
        parentTransaction=transaction_node(order, t.parent) if t.parent else None,
    )


def refund_node(order: Order, refund: Refund) -> dict[str, Any]:
    """A Refund; `totalRefundedSet` is the sum of its transactions."""
    total = sum((t.amount for t in refund.transactions if t.status == "SUCCESS"), Decimal(0))
    return node(
        "Refund",
        id=refund.id,
        legacyResourceId=refund.id.rsplit("/", 1)[1],
        note=refund.note,
        createdAt=iso(refund.created),
        updatedAt=iso(refund.created),
        processedAt=iso(refund.processed or refund.created),
        totalRefundedSet=order.bag(total),
        order=lambda info: info.context.store.order_node(order),
        refundLineItems=lambda _info, **given: connection(
            refund.lines, given, lambda part: _refunded_line_node(order, part)
        ),
        transactions=lambda _info, **given: connection(
            refund.transactions, given, lambda t: transaction_node(order, t)
        ),
        duties=[_duty_node(order, line, amount) for line, amount in refund.duties],
        orderAdjustments=lambda _info, **given: connection(
            [refund] if refund.adjusted else [], given, lambda one: _adjustment_node(order, one)
        ),
        refundShippingLines=lambda _info, **given: connection(
            [refund] if refund.shipping else [], given, lambda one: _shipping_node(order, one)
        ),
    )


def _refunded_line_node(order: Order, part: RefundedLine) -> dict[str, Any]:
    """A RefundLineItem. Recorded: returned pieces (RETURN) have a subtotal, others (NO_RESTOCK) have none. Not
    recorded: that removed pieces (CANCEL) count as returned, and that taxes follow the subtotal."""
    came_back = part.restock in ("RETURN", "CANCEL")
    nothing = order.bag(Decimal(0))
    return node(
        "RefundLineItem",
        id=part.id,
        quantity=part.quantity,
        restockType=part.restock,
        restocked=came_back,
        location=location_node(part.location) if part.location else None,
        lineItem=line_node(order, part.line),
        priceSet=order.bag(part.line.price),
        subtotalSet=order.bag(part.worth) if came_back else nothing,
        totalTaxSet=order.bag(part.tax) if came_back else nothing,
    )


def _duty_node(order: Order, line: Line, amount: Decimal) -> dict[str, Any]:
    return node("RefundDuty", amountSet=order.bag(amount), originalDuty=duty_node(order, line))


def _adjustment_node(order: Order, refund: Refund) -> dict[str, Any]:
    """An OrderAdjustment: negative for what was refunded beyond lines, shipping and duties, positive for what was
    kept."""
    return node(
        "OrderAdjustment",
        id=refund.id.replace("Refund", "OrderAdjustment"),
        amountSet=order.bag(-refund.adjusted),
        taxAmountSet=order.bag(Decimal(0)),
        reason="REFUND_DISCREPANCY" if refund.reason in (None, "OTHER") else refund.reason,
    )


def _shipping_node(order: Order, refund: Refund) -> dict[str, Any]:
    return node(
        "RefundShippingLine",
        id=refund.id.replace("Refund", "RefundShippingLine"),
        shippingLine=shipping_line_node(order),
        subtotalAmountSet=order.bag(refund.shipping),
        taxAmountSet=order.bag(refund.shipping_tax),
    )


def shipping_line_node(order: Order) -> dict[str, Any]:
    """The ShippingLine."""
    return node(
        "ShippingLine",
        id=order.id.replace("Order", "ShippingLine"),
        title="Standard",
        code="Standard",
        originalPriceSet=order.bag(order.shipping),
        discountedPriceSet=order.bag(order.shipping),
        currentDiscountedPriceSet=order.bag(order.shipping_left),
    )


def details(t: Transaction) -> dict[str, Any] | None:
    """The CardPaymentDetails of a card; None for other payment methods."""
    if not t.account:
        return None
    return node("CardPaymentDetails", company=t.shown, number=t.account)
