"""Orders as the sandbox keeps them: lines, tenders, refunds, and everything else derived from those."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from typing import Any

PAYMENTS = ("SALE", "CAPTURE")
_FIRST = 10572748226866
_ids = count(_FIRST, 32768)


def restart_ids() -> None:
    """Begin anew with ids, so that a newly seeded store has the same ones each time."""
    global _ids
    _ids = count(_FIRST, 32768)


def gid(kind: str, number: int | None = None) -> str:
    """A global id of a kind, a new one unless the number is given."""
    return f"gid://shopify/{kind}/{number or next(_ids)}"


def iso(moment: datetime | None) -> str | None:
    """Shopify's DateTime: ISO 8601 UTC without a fraction."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


@dataclass
class Line:
    """A line of an order; price for one, in presentment currency."""

    title: str
    price: Decimal
    quantity: int = 1
    sku: str = ""
    fulfilled: int = 0
    refunded: int = 0
    duty: Decimal = Decimal(0)
    id: str = field(default_factory=lambda: gid("LineItem"))
    duty_id: str = field(default_factory=lambda: gid("Duty"))


@dataclass
class Transaction:
    """Money in or out by one gateway (presentment currency); `parent` is the payment that a refund goes back to."""

    kind: str
    amount: Decimal
    gateway: str = "shopify_payments"
    shown: str = "Shopify Payments"
    account: str | None = None
    status: str = "SUCCESS"
    parent: "Transaction | None" = None
    id: str = field(default_factory=lambda: gid("OrderTransaction"))


@dataclass
class Refund:
    """A refund that exists; its transactions say whether money moved."""

    note: str | None
    created: datetime
    transactions: list[Transaction]
    shipping: Decimal = Decimal(0)
    notify: bool = False
    id: str = field(default_factory=lambda: gid("Refund"))


@dataclass
class Order:
    """An order. `rate`: shop currency for one of the presentment currency."""

    name: str
    created: datetime
    lines: list[Line]
    transactions: list[Transaction]
    customer: Any = None
    shop_currency: str = "USD"
    currency: str = "USD"
    rate: Decimal = Decimal(1)
    shipping: Decimal = Decimal(0)
    email: str | None = None
    phone: str | None = None
    note: str | None = None
    tags: list[str] = field(default_factory=list)
    hold: str | None = None
    payment: str | None = None
    open_return: bool = False
    tracking: tuple[str, str, str, str] | None = None
    address: dict[str, Any] | None = None
    refunds: list[Refund] = field(default_factory=list)
    cancelled: datetime | None = None
    cancel_reason: str | None = None
    staff_note: str | None = None
    id: str = field(default_factory=lambda: gid("Order"))

    @property
    def number(self) -> str:
        """The number at the end of the id."""
        return self.id.rsplit("/", 1)[1]

    @property
    def total(self) -> Decimal:
        """What was ordered: lines, their duties, shipping."""
        return sum((x.price * x.quantity + x.duty for x in self.lines), self.shipping)

    @property
    def received(self) -> Decimal:
        """What came in."""
        return sum((t.amount for t in self.transactions if t.kind in PAYMENTS and t.status == "SUCCESS"), Decimal(0))

    @property
    def refunded(self) -> Decimal:
        """What went back, or is on its way."""
        return sum((t.amount for t in self._back()), Decimal(0))

    def _back(self) -> list[Transaction]:
        return [t for t in self.transactions if t.kind == "REFUND" and t.status in ("SUCCESS", "PENDING")]

    def left(self, parent: Transaction) -> Decimal:
        """What a payment still holds."""
        return parent.amount - sum((t.amount for t in self._back() if t.parent is parent), Decimal(0))

    def payments(self) -> list[Transaction]:
        """The payments that came in."""
        return [t for t in self.transactions if t.kind in PAYMENTS and t.status == "SUCCESS"]

    @property
    def shipping_left(self) -> Decimal:
        """Shipping that was not refunded yet."""
        return self.shipping - sum((r.shipping for r in self.refunds), Decimal(0))

    def financial_status(self) -> str | None:
        """`OrderDisplayFinancialStatus`, by what came in and went back; `payment` where neither says it."""
        if self.refunded:
            return "REFUNDED" if self.refunded >= self.received else "PARTIALLY_REFUNDED"
        if self.received:
            return "PAID" if self.received >= self.total else "PARTIALLY_PAID"
        if self.payment or not self.transactions:
            return self.payment
        last = self.transactions[-1]
        return {"AUTHORIZATION": "AUTHORIZED", "VOID": "VOIDED"}.get(last.kind, "PENDING")

    def fulfillment_status(self) -> str:
        """`OrderDisplayFulfillmentStatus`, by the lines; `hold` is what an unfulfilled order waits for."""
        done, of = sum(x.fulfilled for x in self.lines), sum(x.quantity for x in self.lines)
        if done >= of:
            return "FULFILLED"
        return "PARTIALLY_FULFILLED" if done else self.hold or "UNFULFILLED"

    def bag(self, amount: Decimal) -> dict[str, Any]:
        """A MoneyBag of an amount in presentment currency."""
        return {
            "presentmentMoney": money(amount, self.currency),
            "shopMoney": money((amount * self.rate).quantize(Decimal("0.01"), ROUND_HALF_UP), self.shop_currency),
        }


def money(amount: Decimal, currency: str) -> dict[str, str]:
    """A MoneyV2 as Shopify writes it: `15.0`, `7.35`, `12.345`."""
    text = f"{amount.normalize():f}"
    return {"amount": text if "." in text else f"{text}.0", "currencyCode": currency}


def transaction_node(order: Order, t: Transaction) -> dict[str, Any]:
    """An OrderTransaction."""
    return {
        "__typename": "OrderTransaction",
        "id": t.id,
        "kind": t.kind,
        "status": t.status,
        "gateway": t.gateway,
        "formattedGateway": t.shown,
        "accountNumber": t.account,
        "amountSet": order.bag(t.amount),
        "parentTransaction": transaction_node(order, t.parent) if t.parent else None,
    }


def refund_node(order: Order, refund: Refund) -> dict[str, Any]:
    """A Refund; `totalRefundedSet` is over its transactions."""
    total = sum((t.amount for t in refund.transactions if t.status == "SUCCESS"), Decimal(0))
    return {
        "id": refund.id,
        "note": refund.note,
        "createdAt": iso(refund.created),
        "totalRefundedSet": order.bag(total),
        "transactions": lambda _info, **_: {"nodes": [transaction_node(order, t) for t in refund.transactions]},
    }


def suggested(order: Order) -> dict[str, Any]:
    """`suggestedRefund(suggestFullRefund: true)`: what each payment still holds, and the lines that are left."""
    return {
        "shipping": {"maximumRefundableSet": order.bag(order.shipping_left)},
        "refundLineItems": [
            {"quantity": x.quantity - x.refunded, "lineItem": line_node(order, x)}
            for x in order.lines
            if x.quantity > x.refunded
        ],
        "suggestedTransactions": [
            {
                "parentTransaction": transaction_node(order, p),
                "gateway": p.gateway,
                "maximumRefundableSet": order.bag(order.left(p)),
                "amountSet": order.bag(order.left(p)),
            }
            for p in order.payments()
            if order.left(p) > 0
        ],
    }


def line_node(order: Order, x: Line) -> dict[str, Any]:
    """A LineItem."""
    return {
        "id": x.id,
        "name": x.title,
        "sku": x.sku or None,
        "quantity": x.quantity,
        "currentQuantity": x.quantity - x.refunded,
        "unfulfilledQuantity": x.quantity - x.fulfilled,
        "originalUnitPriceSet": order.bag(x.price),
        "image": None,
        "duties": [{"id": x.duty_id}] if x.duty else [],
    }
