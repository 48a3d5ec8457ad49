"""The sandbox's store: customers, orders, collections, codes; what may be read of them, and what search finds."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from graphql import GraphQLError

from .orders import Order, gid, iso, line_node, money, refund_node, suggested, transaction_node


@dataclass
class Customer:
    """A customer of the store; phones in E.164."""

    name: str
    email: str | None = None
    phone: str | None = None
    address: dict[str, Any] | None = None
    added: datetime | None = None
    id: str = field(default_factory=lambda: gid("Customer"))


@dataclass
class Job:
    """A cancellation under way; `until` is when it takes effect, `failure` what Shopify says where it does not."""

    order: Order
    until: datetime
    finish: Callable[[], None]
    failure: str | None = None
    done: bool = False
    id: str = field(default_factory=lambda: f"gid://shopify/Job/{uuid.uuid4()}")
    result: str = field(default_factory=lambda: gid("OrderCancelJobResult"))


@dataclass
class Store:
    """Everything the store knows."""

    now: Callable[[], datetime]
    domain: str = "demo.myshopify.com"
    currency: str = "USD"
    index_lag: float = 2.0
    customers: list[Customer] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    collections: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)

    def order(self, order_id: str) -> Order | None:
        """The order with a gid, or with a name such as `#1001`."""
        self.run_jobs()
        return next((o for o in self.orders if order_id in (o.id, o.name)), None)

    def run_jobs(self) -> None:
        """Bring to their end the cancellations whose time has come."""
        for job in self.jobs:
            if not job.done and job.until <= self.now():
                job.done = True
                if not job.failure:
                    job.finish()

    def customer_node(self, c: Customer | None) -> dict[str, Any] | None:
        """A Customer."""
        if c is None:
            return None
        own = [o for o in self.orders if o.customer is c]
        spent = sum(((o.received - o.refunded) * o.rate for o in own), Decimal(0))
        return {
            "__typename": "Customer",
            "id": c.id,
            "displayName": c.name,
            "defaultEmailAddress": {"emailAddress": c.email} if c.email else None,
            "defaultPhoneNumber": {"phoneNumber": c.phone} if c.phone else None,
            "defaultAddress": address_node(c.address) if c.address else None,
            "amountSpent": money(spent.quantize(Decimal("0.01")), self.currency),
            "numberOfOrders": str(len(own)),
            "orders": lambda _info, first, **_: {
                "nodes": [self.order_node(o) for o in sorted(own, key=lambda o: o.created, reverse=True)[:first]]
            },
        }

    def order_node(self, o: Order | None) -> dict[str, Any] | None:
        """An Order; most of it is derived from lines and transactions."""
        if o is None:
            return None
        return {
            "__typename": "Order",
            "id": o.id,
            "name": o.name,
            "createdAt": iso(o.created),
            "cancelledAt": iso(o.cancelled),
            "cancelReason": o.cancel_reason,
            "cancellation": {"staffNote": o.staff_note} if o.cancelled else None,
            "displayFinancialStatus": o.financial_status(),
            "displayFulfillmentStatus": o.fulfillment_status(),
            "refundable": any(o.left(p) > 0 for p in o.payments()),
            "netPaymentSet": o.bag(o.received - o.refunded),
            "totalRefundedSet": o.bag(o.refunded),
            "totalPriceSet": o.bag(o.total),
            "presentmentCurrencyCode": o.currency,
            "currentSubtotalLineItemsQuantity": sum(x.quantity - x.refunded for x in o.lines),
            "customer": lambda _info: self.customer_node(o.customer),
            "email": o.email,
            "phone": o.phone,
            "note": o.note,
            "tags": list(o.tags),
            "statusPageUrl": f"https://{self.domain}/orders/{o.number}",
            "billingAddress": address_node(o.address) if o.address else None,
            "shippingAddress": address_node(o.address) if o.address else None,
            "shippingLine": {"title": "Standard"} if o.shipping else None,
            "lineItems": lambda _info, first, **_: {
                "nodes": [line_node(o, x) for x in o.lines[:first]],
                "pageInfo": {"hasNextPage": len(o.lines) > first},
            },
            "fulfillments": lambda _info, **_: fulfillment_nodes(o),
            "transactions": lambda _info, **_: [transaction_node(o, t) for t in o.transactions],
            "refunds": lambda _info, **_: [refund_node(o, r) for r in o.refunds],
            "suggestedRefund": lambda _info, **_: suggested(o),
        }

    def by_identifier(self, identifier: dict[str, str]) -> Customer | None:
        """`customerByIdentifier`: exact, but for the case and blanks of an e-mail; no search index in between."""
        (kind, value), *more = identifier.items()
        if more:
            raise GraphQLError("Variable was provided invalid value", extensions={"code": "INVALID_VARIABLE"})
        if kind == "emailAddress":
            wanted = "".join(value.split()).casefold()
            return next((c for c in self.customers if (c.email or "").casefold() == wanted), None)
        if kind == "phoneNumber":
            return next((c for c in self.customers if c.phone == value), None)
        return next((c for c in self.customers if c.id == value), None)

    def find_customers(self, query: str) -> list[Customer]:
        """`customers(query:)` by phone, on the default phone or an address; the index lags behind."""
        wanted = set(re.findall(r'phone:"?([^"\s]+)"?', query))
        return [
            c for c in self.customers if self._indexed(c.added) and wanted & {c.phone, (c.address or {}).get("phone")}
        ]

    def _indexed(self, added: datetime | None) -> bool:
        """Whether search knows it by now; `added` is when it came, None for what was there from the start."""
        return added is None or (self.now() - added).total_seconds() >= self.index_lag

    def find_orders(self, query: str) -> list[Order]:
        """`orders(query:)` by name, with or without `#`, without regard to case; the index lags behind."""
        match = re.match(r'name:(?:"((?:[^"\\]|\\.)*)"|(\S+))', query)
        wanted = re.sub(r"\\(.)", r"\1", (match.group(1) or match.group(2) or "")) if match else ""
        bare = wanted.lstrip("#").casefold()
        return [o for o in self.orders if self._indexed(o.created) and o.name.lstrip("#").casefold() == bare]


def address_node(place: dict[str, Any]) -> dict[str, Any]:
    """A MailingAddress."""
    names = ("name", "phone", "address1", "address2", "city", "provinceCode", "countryCodeV2", "zip")
    lines = [str(place[n]) for n in ("address1", "address2", "city", "zip", "countryCodeV2") if place.get(n)]
    return {n: place.get(n) for n in names} | {"formatted": lambda _info, **_: lines}


def fulfillment_nodes(o: Order) -> list[dict[str, Any]]:
    """The Fulfillments of an order: one, for what was sent."""
    sent = [x for x in o.lines if x.fulfilled]
    if not sent:
        return []
    company, number, url, status = o.tracking or ("", "", "", "FULFILLED")
    info = [{"company": company, "number": number, "url": url}] if number else []
    return [
        {
            "status": "SUCCESS",
            "displayStatus": status,
            "estimatedDeliveryAt": None,
            "trackingInfo": lambda _info, **_: info,
            "fulfillmentLineItems": lambda _info, **_: {"nodes": [{"lineItem": line_node(o, x)} for x in sent]},
        }
    ]
