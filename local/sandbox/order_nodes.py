"""An Order as the API shows it, mostly derived from its lines, payments and refunds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from . import fulfillment_order_nodes
from .addresses import address_node
from .connections import connection
from .defaults import node
from .events import event_node
from .ids import iso, share
from .line_nodes import line_node, tax_line_node
from .lines import Line
from .orders import AUTHORIZATIONS, Metafield, Order, Parcel
from .payment_nodes import refund_node, shipping_line_node, transaction_node
from .suggested_refunds import suggested


def order_node(o: Order) -> dict[str, Any]:
    """An Order. Its customer and its shop come from the store."""
    return node(
        "Order",
        id=o.id,
        legacyResourceId=o.number,
        name=o.name,
        number=int("".join(filter(str.isdigit, o.name)) or 0),
        confirmationNumber=f"{int(o.number) % 36**8:09X}",
        note=o.note,
        tags=list(o.tags),
        email=o.email,
        phone=o.phone,
        poNumber=o.po_number,
        test=o.test,
        customAttributes=[{"key": k, "value": v} for k, v in o.attributes.items()],
        currencyCode=o.shop_currency,
        presentmentCurrencyCode=o.currency,
        statusPageUrl=lambda info, **_: f"https://{info.context.store.domain}/orders/{o.number}",
        customer=lambda info: info.context.store.customer_node(o.customer),
        **_times(o),
        **_state(o),
        **_amounts(o),
        **_places(o),
        **_lists(o),
    )


def _times(o: Order) -> dict[str, Any]:
    return {
        "createdAt": iso(o.created),
        "processedAt": iso(o.created),
        "updatedAt": iso(o.updated or o.created),
        "cancelledAt": iso(o.cancelled),
        "closedAt": iso(o.closed or o.cancelled),
        "closed": bool(o.closed or o.cancelled),
    }


def _state(o: Order) -> dict[str, Any]:
    fulfilment, open_ = o.fulfillment_status(), o.cancelled is None
    return {
        "cancelReason": o.cancel_reason,
        "cancellation": {"staffNote": o.staff_note} if o.cancelled else None,
        "displayFinancialStatus": o.financial_status(),
        "displayFulfillmentStatus": fulfilment,
        "returnStatus": "IN_PROGRESS" if o.open_return else "NO_RETURN",
        "refundable": o.net > 0 and any(o.left(p) > 0 for p in o.payments()),
        "capturable": bool(o.authorized),
        "totalCapturable": f"{o.authorized * o.rate:.2f}",
        "canMarkAsPaid": open_ and o.outstanding > 0,
        "fulfillable": open_ and fulfilment not in ("FULFILLED", "ON_HOLD", "SCHEDULED"),
        "fullyPaid": o.received >= o.total,
        "unpaid": o.received <= 0,
        "requiresShipping": any(x.requires_shipping for x in o.lines),
        "restockable": any(x.restockable for x in o.lines),
        "taxesIncluded": o.taxes_included,
        "discountCode": o.discount_code,
        "discountCodes": [o.discount_code] if o.discount_code else [],
        "currentSubtotalLineItemsQuantity": sum(x.quantity - x.refunded for x in o.lines),
        "subtotalLineItemsQuantity": sum(x.quantity for x in o.lines),
        "paymentGatewayNames": list(dict.fromkeys(t.gateway for t in o.transactions)),
        "transactionsCount": {"count": len(o.transactions), "precision": "EXACT"},
    }


def _amounts(o: Order) -> dict[str, Any]:
    nothing = Decimal(0)
    current = o.cancelled is None
    discounts = sum((x.cart_discount for x in o.lines), nothing)
    amounts = {
        "cartDiscountAmountSet": discounts,
        "currentTotalPriceSet": o.current,
        "netPaymentSet": o.net,
        "originalTotalDutiesSet": o.duties,
        "originalTotalPriceSet": o.total,
        "refundDiscrepancySet": o.refunds_succeeded - _refunded(o),
        "subtotalPriceSet": o.subtotal,
        "totalCapturableSet": o.authorized,
        "totalDiscountsSet": o.discounts,
        "totalOutstandingSet": o.outstanding,
        "totalPriceSet": o.total,
        "totalReceivedSet": o.received,
        "totalRefundedSet": o.refunds_succeeded,
        "totalRefundedShippingSet": o.shipping - o.shipping_left,
        "totalShippingPriceSet": o.shipping,
        "totalTaxSet": o.taxes,
        "totalTipReceivedSet": nothing,
        "currentCartDiscountAmountSet": discounts if current else nothing,
        "currentShippingPriceSet": o.shipping_left if current else nothing,
        "currentSubtotalPriceSet": o.subtotal - _refunded_lines(o) if current else nothing,
        "currentTotalDiscountsSet": o.discounts if current else nothing,
        "currentTotalDutiesSet": sum((x.duty_left for x in o.lines), nothing) if current else nothing,
        "currentTotalTaxSet": o.taxes - _refunded_taxes(o) if current else nothing,
    }
    return {name: o.bag(amount) for name, amount in amounts.items()}


def _refunded_lines(o: Order) -> Decimal:
    """The value of the refunded pieces, without taxes: those of refunds, and those only noted on a line."""
    return sum((share(x.paid, x.quantity, 0, x.refunded, o.currency) for x in o.lines), Decimal(0))


def _refunded_taxes(o: Order) -> Decimal:
    lines = sum((share(x.tax, x.quantity, 0, x.refunded, o.currency) for x in o.lines), Decimal(0))
    return sum((r.shipping_tax for r in o.refunds), lines)


def _refunded(o: Order) -> Decimal:
    """The value of the refunded pieces, shipping and duties."""
    duties = sum((x.duty_refunded for x in o.lines), Decimal(0))
    taxes = Decimal(0) if o.taxes_included else _refunded_taxes(o)
    return _refunded_lines(o) + taxes + (o.shipping - o.shipping_left) + duties


def _places(o: Order) -> dict[str, Any]:
    """The billing address is the shipping address unless another is known (an empty one: none)."""
    ships = address_node(o.address, o.id) if o.address else None
    bills = ships if o.billing is None else address_node(o.billing, o.id) if o.billing else None
    return {
        "billingAddress": bills,
        "shippingAddress": ships,
        "displayAddress": ships or bills,
        "billingAddressMatchesShippingAddress": ships is not None and o.billing in (None, o.address),
    }


def _lists(o: Order) -> dict[str, Any]:
    sent = fulfillment_nodes(o)
    return {
        "lineItems": lambda _info, **given: connection(o.lines, given, lambda x: line_node(o, x)),
        "fulfillments": lambda _info, first=None, **_: sent[:first],
        "fulfillmentsCount": {"count": len(sent), "precision": "EXACT"},
        "transactions": lambda _info, **given: [transaction_node(o, t) for t in _asked(o, given)],
        "refunds": lambda _info, first=None: [refund_node(o, r) for r in o.refunds[:first]],
        "suggestedRefund": lambda _info, **given: suggested(o, given),
        "fulfillmentOrders": lambda info, **given: fulfillment_order_nodes.page(
            o, info.context.granted, given, info.context.store.now()
        ),
        "shippingLine": shipping_line_node(o) if o.shipping else None,
        "shippingLines": lambda _info, **given: connection(
            [o] if o.shipping else [], given, lambda _one: shipping_line_node(o)
        ),
        "metafield": lambda _info, namespace=None, key="": next(
            (_metafield(m) for m in o.metafields if (m.namespace, m.key) == (namespace or OWN, key)), None
        ),
        "metafields": lambda _info, namespace=None, keys=None, **given: connection(
            [m for m in o.metafields if namespace in (None, m.namespace)], given, _metafield
        ),
        "taxLines": lambda _info: _tax_lines(o, refunded=False),
        "currentTaxLines": lambda _info: [] if o.cancelled else _tax_lines(o, refunded=True),
        "events": lambda _info, **given: connection(o.invoices, given, lambda one: event_node(o, one)),
        "returns": _none,
    }


def _tax_lines(o: Order, *, refunded: bool) -> list[dict[str, Any]]:
    """The taxes of all lines, and of shipping, by their title; `refunded`: without those of refunded pieces."""
    sums: dict[str, Decimal] = {}
    for x in o.lines:
        gone = share(x.tax, x.quantity, 0, x.refunded, o.currency) if refunded else Decimal(0)
        sums[x.tax_title] = sums.get(x.tax_title, Decimal(0)) + x.tax - gone
    if o.lines and o.shipping_tax:
        back = sum((r.shipping_tax for r in o.refunds), Decimal(0)) if refunded else Decimal(0)
        sums[o.lines[0].tax_title] += o.shipping_tax - back
    paid = o.subtotal + o.shipping
    return [tax_line_node(o, title, tax, tax / paid if paid else Decimal(0)) for title, tax in sums.items() if tax]


OWN = "$app"
"""The default namespace: the app's own."""


def _metafield(m: Metafield) -> dict[str, Any]:
    return node("Metafield", id=m.id, namespace=m.namespace, key=m.key, type=m.type, value=m.value)


def _none(_info: Any, **given: Any) -> dict[str, Any]:
    return connection(list[Order](), given, lambda _one: None)


def _asked(o: Order, given: dict[str, Any]) -> list[Any]:
    """The transactions that match the arguments of `transactions`; the first of those."""
    capturable = given.get("capturable")
    found = [t for t in o.transactions if capturable is None or capturable == (t.kind in AUTHORIZATIONS)]
    return found[: given.get("first")]


def fulfillment_nodes(o: Order) -> list[dict[str, Any]]:
    """An order's Fulfillments: its parcels, or one for everything that was sent."""
    if o.parcels:
        return [_fulfillment(o, parcel, place) for place, parcel in enumerate(o.parcels, 1)]
    sent = [(x, x.fulfilled) for x in o.lines if x.fulfilled]
    company, number, url, status = o.tracking or ("", "", "", "FULFILLED")
    tracking = [(company, number, url)] if number else []
    whole = Parcel(sent, tracking, status, o.id.replace("Order", "Fulfillment"))
    return [_fulfillment(o, whole, 1)] if sent else []


def _fulfillment(o: Order, parcel: Parcel, place: int) -> dict[str, Any]:
    info = [{"company": company, "number": number, "url": url} for company, number, url in parcel.tracking]
    lines = [_Sent(line, quantity) for line, quantity in parcel.contents]
    return node(
        "Fulfillment",
        id=parcel.id,
        legacyResourceId=parcel.id.rsplit("/", 1)[1],
        name=f"{o.name}-F{place}",
        createdAt=iso(o.created),
        updatedAt=iso(o.created),
        inTransitAt=iso(o.created) if info else None,
        deliveredAt=iso(o.created) if parcel.status == "DELIVERED" else None,
        displayStatus=parcel.status,
        totalQuantity=sum(quantity for _, quantity in parcel.contents),
        order=lambda info: info.context.store.order_node(o),
        trackingInfo=lambda _info, first=None: info[:first],
        fulfillmentLineItems=lambda _info, **given: connection(lines, given, lambda one: _fulfilled_line(o, one)),
    )


class _Sent:
    """How many of a line are in a parcel."""

    def __init__(self, line: Line, quantity: int) -> None:
        self.id, self.line, self.quantity = line.id.replace("LineItem", "FulfillmentLineItem"), line, quantity


def _fulfilled_line(o: Order, one: _Sent) -> dict[str, Any]:
    total = o.bag(one.line.price * one.quantity)
    return node(
        "FulfillmentLineItem",
        id=one.id,
        quantity=one.quantity,
        lineItem=line_node(o, one.line),
        originalTotalSet=total,
        discountedTotalSet=total,
    )
