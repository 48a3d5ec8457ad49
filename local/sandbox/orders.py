"""Orders as the sandbox stores them: lines, payments, refunds, and everything derived from those."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from . import fulfillment_orders
from .fulfillment_orders import FulfillmentOrder
from .ids import gid, money, rounded, share
from .lines import Line
from .locations import Location, main

PAYMENTS = ("SALE", "CAPTURE")
AUTHORIZATIONS = ("AUTHORIZATION", "EMV_AUTHORIZATION")
"""Money authorized on a card, online or at a card reader."""

UNDER_WAY = ("PENDING", "AWAITING_RESPONSE", "UNKNOWN")
"""Statuses of money that may have moved or still will."""

MANUAL = frozenset({"manual", "Bank Deposit", "Cash on Delivery (COD)", "Money Order"})
"""Gateways that move no money: the merchant collects and returns it by hand. A store's own manual gateways have other
names."""


@dataclass
class Transaction:
    """Money in or out through one gateway (presentment currency); `parent` is the payment that a refund returns.

    `manual`: whether the gateway only records; by default according to its name.
    """

    kind: str
    amount: Decimal
    gateway: str = "shopify_payments"
    shown: str = "Shopify Payments"
    account: str | None = None
    status: str = "SUCCESS"
    parent: Transaction | None = None
    at: datetime | None = None
    manual: bool | None = None
    id: str = field(default_factory=lambda: gid("OrderTransaction"))

    @property
    def by_hand(self) -> bool:
        """True if Shopify only records it: cash on delivery, bank deposit."""
        return self.gateway in MANUAL if self.manual is None else self.manual


@dataclass
class Refund:
    """A refund. Its transactions say whether money moved.

    `adjusted`: how much more it was than lines, shipping and duties; negative if less.
    """

    note: str | None
    created: datetime
    transactions: list[Transaction]
    shipping: Decimal = Decimal(0)
    notify: bool = False
    lines: list[RefundedLine] = field(default_factory=list)
    id: str = field(default_factory=lambda: gid("Refund"))
    shipping_tax: Decimal = Decimal(0)
    duties: list[tuple[Line, Decimal]] = field(default_factory=list)
    adjusted: Decimal = Decimal(0)
    reason: str | None = None
    processed: datetime | None = None


@dataclass
class RefundedLine:
    """How many of a line a refund was for, what they were worth, and where they went if they came back."""

    line: Line
    quantity: int
    restock: str = "NO_RESTOCK"
    id: str = field(default_factory=lambda: gid("RefundLineItem"))
    paid: Decimal | None = None
    tax: Decimal = Decimal(0)
    location: Location | None = None

    @property
    def worth(self) -> Decimal:
        """The price after discounts, without taxes."""
        return self.line.price * self.quantity if self.paid is None else self.paid


@dataclass
class Metafield:
    """A value that an app keeps on an order."""

    namespace: str
    key: str
    type: str
    value: str
    id: str = field(default_factory=lambda: gid("Metafield"))


@dataclass
class Parcel:
    """A Fulfillment: what was sent (quantity by line), and its tracking as (carrier, number, URL), possibly several."""

    contents: list[tuple[Line, int]]
    tracking: list[tuple[str, str, str]] = field(default_factory=list)
    status: str = "FULFILLED"
    id: str = field(default_factory=lambda: gid("Fulfillment"))


@dataclass
class Invoice:
    """An invoice that was sent by email."""

    to: str
    subject: str | None
    message: str | None
    at: datetime
    id: str = field(default_factory=lambda: gid("BasicEvent"))


@dataclass
class Order:
    """An order. `closed`: when it was archived. `rate`: shop currency for one unit of the presentment currency.

    `billing`: the billing address, if it differs from the shipping address. `company`: the buyer, if it is a company
    (B2B). `work`: the fulfillment orders; by default there is one for all lines.
    """

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
    parcels: list[Parcel] = field(default_factory=list)
    address: dict[str, Any] | None = None
    refunds: list[Refund] = field(default_factory=list)
    closed: datetime | None = None
    cancelled: datetime | None = None
    cancel_reason: str | None = None
    staff_note: str | None = None
    updated: datetime | None = None
    po_number: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    metafields: list[Metafield] = field(default_factory=list)
    test: bool = False
    successes_only: bool = False
    id: str = field(default_factory=lambda: gid("Order"))
    shipping_tax: Decimal = Decimal(0)
    taxes_included: bool = False
    discount_code: str | None = None
    billing: dict[str, Any] | None = None
    company: str | None = None
    new_accounts: bool = True
    location: Location = field(default_factory=main)
    work: list[FulfillmentOrder] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)

    @property
    def number(self) -> str:
        """The number at the end of the id."""
        return self.id.rsplit("/", 1)[1]

    @property
    def total(self) -> Decimal:
        """What was ordered: lines after discounts, their duties, shipping, and taxes if prices exclude them."""
        taxes = Decimal(0) if self.taxes_included else self.taxes
        return sum((x.paid + x.duty for x in self.lines), self.shipping + taxes)

    @property
    def subtotal(self) -> Decimal:
        """The lines after discounts, without duties and shipping."""
        return sum((x.paid for x in self.lines), Decimal(0))

    @property
    def taxes(self) -> Decimal:
        """The taxes of all lines and of shipping."""
        return sum((x.tax for x in self.lines), self.shipping_tax)

    @property
    def discounts(self) -> Decimal:
        """The discounts on the lines."""
        return sum((x.discount + x.cart_discount for x in self.lines), Decimal(0))

    @property
    def duties(self) -> Decimal:
        """The duties of all lines."""
        return sum((x.duty for x in self.lines), Decimal(0))

    @property
    def current(self) -> Decimal:
        """The order's current value: zero if cancelled, and without what was refunded."""
        return Decimal(0) if self.cancelled else self.total - (self.received - self.net)

    @property
    def outstanding(self) -> Decimal:
        """What is still to be paid. Authorized money does not count, as recorded."""
        return Decimal(0) if self.cancelled else max(Decimal(0), self.total - self.received - self.authorized)

    @property
    def received(self) -> Decimal:
        """What was paid, without the change given on cash."""
        return self._sum(self.payments()) - self._sum(self._change())

    @property
    def refunded(self) -> Decimal:
        """What was refunded, or may have been, or is on its way: everything that did not fail."""
        return self._sum(self._back())

    @property
    def refunds_succeeded(self) -> Decimal:
        """What was certainly refunded: `totalRefundedSet`."""
        return self._sum([t for t in self._back() if t.status == "SUCCESS"])

    @property
    def net(self) -> Decimal:
        """`netPaymentSet`. No recording says whether a refund under way counts: `successes_only` excludes it."""
        return self.received - self._sum(self._counted())

    def left(self, parent: Transaction) -> Decimal:
        """What can still be refunded of a payment, counted like `net`."""
        taken = [t for t in (*self._counted(), *self._change()) if t.parent is parent]
        return parent.amount - self._sum(taken)

    def _back(self) -> list[Transaction]:
        return [t for t in self.transactions if t.kind == "REFUND" and t.status in ("SUCCESS", *UNDER_WAY)]

    def _counted(self) -> list[Transaction]:
        return [t for t in self._back() if t.status == "SUCCESS" or not self.successes_only]

    def _change(self) -> list[Transaction]:
        return [t for t in self.transactions if t.kind == "CHANGE" and t.status == "SUCCESS"]

    @staticmethod
    def _sum(transactions: list[Transaction]) -> Decimal:
        return sum((t.amount for t in transactions), Decimal(0))

    @property
    def authorized(self) -> Decimal:
        """What is authorized on a card and can still be captured."""
        return sum((left for _, left in self.held()), Decimal(0))

    def held(self) -> list[tuple[Transaction, Decimal]]:
        """The authorizations with something left, and how much. A capture without a parent belongs to the first."""
        if self.cancelled or self.payment == "EXPIRED":
            return []
        done = [t for t in self.transactions if t.status == "SUCCESS"]
        loose = self._sum([t for t in done if t.kind == "CAPTURE" and t.parent is None])
        found = []
        for one in (t for t in done if t.kind in AUTHORIZATIONS):
            if any(t.kind == "VOID" and t.parent in (one, None) for t in done):
                continue
            left = one.amount - self._sum([t for t in done if t.kind == "CAPTURE" and t.parent is one])
            taken = min(left, loose)
            loose -= taken
            if left > taken:
                found.append((one, left - taken))
        return found

    def payments(self) -> list[Transaction]:
        """The payments that succeeded."""
        return [t for t in self.transactions if t.kind in PAYMENTS and t.status == "SUCCESS"]

    @property
    def shipping_left(self) -> Decimal:
        """Shipping that was not refunded yet."""
        return self.shipping - sum((r.shipping for r in self.refunds), Decimal(0))

    def shipping_tax_of(self, amount: Decimal) -> Decimal:
        """The tax on this amount of the remaining shipping; all that is left of it for all of the shipping."""
        left = self.shipping_tax - sum((r.shipping_tax for r in self.refunds), Decimal(0))
        if not amount or amount >= self.shipping_left:
            return left if amount else Decimal(0)
        return rounded(left * amount / self.shipping_left, self.currency)

    def share(self, line: Line, total: Decimal, count: int) -> Decimal:
        """The share of the next `count` pieces in one of the line's totals, after those that were refunded."""
        return share(total, line.quantity, line.refunded, count, self.currency)

    @property
    def takes_store_credit(self) -> bool:
        """True if it may be refunded to store credit. Published: for orders of a customer who is not a company, in a
        store with the new customer accounts."""
        return self.customer is not None and self.company is None and self.new_accounts

    def fulfillment_orders(self) -> list[FulfillmentOrder]:
        """The fulfillment orders in their current state."""
        if not self.work:
            self.work.append(fulfillment_orders.first(self.lines, self.location, self.created, self.hold))
        fulfillment_orders.follow(self.work, self.lines)
        return self.work

    def financial_status(self) -> str | None:
        """`OrderDisplayFinancialStatus`, from payments and refunds; `payment` if those don't decide it."""
        if self.net < self.received:
            return "REFUNDED" if self.net <= 0 else "PARTIALLY_REFUNDED"
        if self.received:
            return "PAID" if self.received >= self.total else "PARTIALLY_PAID"
        told = [t for t in self.transactions if t.status not in ("FAILURE", "ERROR")]
        if self.payment or not told:
            return self.payment
        last = told[-1]
        known = {**dict.fromkeys(AUTHORIZATIONS, "AUTHORIZED"), "VOID": "VOIDED"} if last.status == "SUCCESS" else {}
        return known.get(last.kind, "PENDING")

    def fulfillment_status(self) -> str:
        """`OrderDisplayFulfillmentStatus`: from the lines, and for an unfulfilled order from its fulfillment orders.

        What Shopify shows if a part was sent and the rest is on hold is not recorded.
        """
        done = sum(x.fulfilled for x in self.lines)
        if done and not any(x.unsent > 0 for x in self.lines):
            return "FULFILLED"
        return "PARTIALLY_FULFILLED" if done else fulfillment_orders.display_status(self.fulfillment_orders())

    def bag(self, amount: Decimal) -> dict[str, Any]:
        """A MoneyBag of an amount in presentment currency."""
        return {
            "presentmentMoney": money(amount, self.currency),
            "shopMoney": money((amount * self.rate).quantize(Decimal("0.01"), ROUND_HALF_UP), self.shop_currency),
        }
