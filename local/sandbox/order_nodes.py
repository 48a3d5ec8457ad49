"""An Order as the API shows it; most of it is derived from its lines, tenders and refunds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .connections import connection
from .fixed import node
from .orders import Order, iso, line_node, refund_node, suggested, transaction_node
from .places import address_node

if TYPE_CHECKING:
    from .store import Store


def order_node(store: Store, o: Order) -> dict[str, Any]:
    """An Order."""
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
        statusPageUrl=lambda _info, **_: f"https://{store.domain}/orders/{o.number}",
        customer=lambda _info: store.customer_node(o.customer),
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
        "closedAt": iso(o.cancelled),
        "closed": o.cancelled is not None,
    }


def _state(o: Order) -> dict[str, Any]:
    fulfilment, open_ = o.fulfillment_status(), o.cancelled is None
    return {
        "cancelReason": o.cancel_reason,
        "cancellation": {"staffNote": o.staff_note} if o.cancelled else None,
        "displayFinancialStatus": o.financial_status(),
        "displayFulfillmentStatus": fulfilment,
        "returnStatus": "IN_PROGRESS" if o.open_return else "NO_RETURN",
        "refundable": any(o.left(p) > 0 for p in o.payments()),
        "capturable": bool(o.authorized),
        "canMarkAsPaid": open_ and o.outstanding > 0,
        "fulfillable": open_ and fulfilment not in ("FULFILLED", "ON_HOLD", "SCHEDULED"),
        "fullyPaid": o.received >= o.total,
        "unpaid": o.received <= 0,
        "requiresShipping": any(x.requires_shipping for x in o.lines),
        "currentSubtotalLineItemsQuantity": sum(x.quantity - x.refunded for x in o.lines),
        "subtotalLineItemsQuantity": sum(x.quantity for x in o.lines),
        "paymentGatewayNames": list(dict.fromkeys(t.gateway for t in o.transactions)),
        "transactionsCount": {"count": len(o.transactions), "precision": "EXACT"},
    }


def _amounts(o: Order) -> dict[str, Any]:
    nothing = Decimal(0)
    current = o.cancelled is None
    refunded_lines = sum((x.price * x.refunded for x in o.lines), nothing)
    shipping_back = o.shipping - o.shipping_left
    amounts = {
        "cartDiscountAmountSet": nothing,
        "currentCartDiscountAmountSet": nothing,
        "currentShippingPriceSet": o.shipping_left if current else nothing,
        "currentSubtotalPriceSet": o.subtotal - refunded_lines if current else nothing,
        "currentTotalDiscountsSet": nothing,
        "currentTotalDutiesSet": o.duties if current else nothing,
        "currentTotalPriceSet": o.current,
        "currentTotalTaxSet": nothing,
        "netPaymentSet": o.net,
        "originalTotalDutiesSet": o.duties,
        "originalTotalPriceSet": o.total,
        "refundDiscrepancySet": o.refunds_succeeded - refunded_lines - shipping_back,
        "subtotalPriceSet": o.subtotal,
        "totalCapturableSet": o.authorized,
        "totalDiscountsSet": nothing,
        "totalOutstandingSet": o.outstanding,
        "totalPriceSet": o.total,
        "totalReceivedSet": o.received,
        "totalRefundedSet": o.refunds_succeeded,
        "totalRefundedShippingSet": shipping_back,
        "totalShippingPriceSet": o.shipping,
        "totalTaxSet": nothing,
        "totalTipReceivedSet": nothing,
    }
    return {name: o.bag(amount) for name, amount in amounts.items()}


def _places(o: Order) -> dict[str, Any]:
    place = address_node(o.address, o.id) if o.address else None
    return {
        "billingAddress": place,
        "shippingAddress": place,
        "displayAddress": place,
        "billingAddressMatchesShippingAddress": place is not None,
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
        "shippingLine": _shipping_line(o) if o.shipping else None,
        "shippingLines": lambda _info, **given: connection(
            [o] if o.shipping else [], given, lambda _one: _shipping_line(o)
        ),
        "metafield": lambda _info, **_: None,
        "metafields": _none,
        "returns": _none,
    }


def _none(_info: Any, **given: Any) -> dict[str, Any]:
    return connection(list[Order](), given, lambda _one: None)


def _asked(o: Order, given: dict[str, Any]) -> list[Any]:
    """Transactions by the arguments of `transactions`; the first ones of those."""
    capturable = given.get("capturable")
    found = [t for t in o.transactions if capturable is None or capturable == (t.kind == "AUTHORIZATION")]
    return found[: given.get("first")]


def _shipping_line(o: Order) -> dict[str, Any]:
    return node(
        "ShippingLine",
        id=o.id.replace("Order", "ShippingLine"),
        title="Standard",
        code="Standard",
        originalPriceSet=o.bag(o.shipping),
        discountedPriceSet=o.bag(o.shipping),
        currentDiscountedPriceSet=o.bag(o.shipping_left),
    )


def fulfillment_nodes(o: Order) -> list[dict[str, Any]]:
    """The Fulfillments of an order: one, for what was sent."""
    sent = [x for x in o.lines if x.fulfilled]
    if not sent:
        return []
    company, number, url, status = o.tracking or ("", "", "", "FULFILLED")
    info = [{"company": company, "number": number, "url": url}] if number else []
    return [
        node(
            "Fulfillment",
            id=o.id.replace("Order", "Fulfillment"),
            legacyResourceId=o.number,
            name=f"{o.name}-F1",
            createdAt=iso(o.created),
            updatedAt=iso(o.created),
            inTransitAt=iso(o.created) if number else None,
            deliveredAt=iso(o.created) if status == "DELIVERED" else None,
            displayStatus=status,
            totalQuantity=sum(x.fulfilled for x in sent),
            order=lambda info: info.context.store.order_node(o),
            trackingInfo=lambda _info, first=None: info[:first],
            fulfillmentLineItems=lambda _info, **given: connection(sent, given, lambda x: _fulfilled_line(o, x)),
        )
    ]


def _fulfilled_line(o: Order, x: Any) -> dict[str, Any]:
    total = o.bag(x.price * x.fulfilled)
    return node(
        "FulfillmentLineItem",
        id=x.id.replace("LineItem", "FulfillmentLineItem"),
        quantity=x.fulfilled,
        lineItem=line_node(o, x),
        originalTotalSet=total,
        discountedTotalSet=total,
    )
