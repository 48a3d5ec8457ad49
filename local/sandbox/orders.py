"""Orders as the sandbox keeps them: lines, tenders, refunds, and everything else derived from those."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from typing import Any

from .connections import connection
from .defaults import node

PAYMENTS = ("SALE", "CAPTURE")
AUTHORIZATIONS = ("AUTHORIZATION", "EMV_AUTHORIZATION")
"""Money put aside on a card, online or at a card reader."""

UNDER_WAY = ("PENDING", "AWAITING_RESPONSE", "UNKNOWN")
"""Statuses of money that may have moved, or still will."""

MANUAL = frozenset({"manual", "Bank Deposit", "Cash on Delivery (COD)", "Money Order"})
"""Gateways by which no money moves: the merchant takes it and gives it back by hand. A store's own have other names."""

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
    image: str | None = None
    requires_shipping: bool = True
    id: str = field(default_factory=lambda: gid("LineItem"))
    duty_id: str = field(default_factory=lambda: gid("Duty"))


@dataclass
class Transaction:
    """Money in or out by one gateway (presentment currency); `parent` is the payment that a refund goes back to.

    `manual`: whether the gateway only records; by its name if left out.
    """

    kind: str
    amount: Decimal
    gateway: str = "shopify_payments"
    shown: str = "Shopify Payments"
    account: str | None = None
    status: str = "SUCCESS"
    parent: "Transaction | None" = None
    at: datetime | None = None
    manual: bool | None = None
    id: str = field(default_factory=lambda: gid("OrderTransaction"))

    @property
    def by_hand(self) -> bool:
        """Whether Shopify only records it: cash on delivery, bank deposit."""
        return self.gateway in MANUAL if self.manual is None else self.manual


@dataclass
class Refund:
    """A refund that exists; its transactions say whether money moved."""

    note: str | None
    created: datetime
    transactions: list[Transaction]
    shipping: Decimal = Decimal(0)
    notify: bool = False
    lines: "list[RefundedLine]" = field(default_factory=list)
    id: str = field(default_factory=lambda: gid("Refund"))


@dataclass
class RefundedLine:
    """How many of a line a refund was for."""

    line: Line
    quantity: int
    restock: str = "NO_RESTOCK"
    id: str = field(default_factory=lambda: gid("RefundLineItem"))


@dataclass
class Metafield:
    """A value of an app's own on an order."""

    namespace: str
    key: str
    type: str
    value: str
    id: str = field(default_factory=lambda: gid("Metafield"))


@dataclass
class Parcel:
    """A Fulfillment: what was sent (quantity by line), and its tracking as (carrier, number, URL), more than one if
    Shopify has more than one."""

    contents: list[tuple[Line, int]]
    tracking: list[tuple[str, str, str]] = field(default_factory=list)
    status: str = "FULFILLED"
    id: str = field(default_factory=lambda: gid("Fulfillment"))


@dataclass
class Order:
    """An order. `closed`: since when it is archived. `rate`: shop currency for one of the presentment currency."""

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
    metafields: list["Metafield"] = field(default_factory=list)
    test: bool = False
    successes_only: bool = False
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
    def subtotal(self) -> Decimal:
        """The lines, without duties and shipping."""
        return sum((x.price * x.quantity for x in self.lines), Decimal(0))

    @property
    def duties(self) -> Decimal:
        """The duties of all lines."""
        return sum((x.duty for x in self.lines), Decimal(0))

    @property
    def current(self) -> Decimal:
        """What the order is worth by now: nothing once cancelled, and without what was refunded."""
        return Decimal(0) if self.cancelled else self.total - (self.received - self.net)

    @property
    def outstanding(self) -> Decimal:
        """What is still to be paid: nothing of what is held on a card, as recorded."""
        return Decimal(0) if self.cancelled else max(Decimal(0), self.total - self.received - self.authorized)

    @property
    def received(self) -> Decimal:
        """What came in, without the change given on cash."""
        return self._sum(self.payments()) - self._sum(self._change())

    @property
    def refunded(self) -> Decimal:
        """What went back, or may have, or is on its way: whatever did not fail."""
        return self._sum(self._back())

    @property
    def refunds_succeeded(self) -> Decimal:
        """What went back for certain: `totalRefundedSet`."""
        return self._sum([t for t in self._back() if t.status == "SUCCESS"])

    @property
    def net(self) -> Decimal:
        """`netPaymentSet`. No recording says whether a refund that is under way counts: `successes_only` says no."""
        return self.received - self._sum(self._counted())

    def left(self, parent: Transaction) -> Decimal:
        """What a payment still has, counted as `net` counts."""
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
        """What is held on a card and can still be captured."""
        return sum((left for _, left in self.held()), Decimal(0))

    def held(self) -> list[tuple[Transaction, Decimal]]:
        """The authorizations that still hold something, and how much. A capture without a parent is of the first."""
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
        """The payments that came in."""
        return [t for t in self.transactions if t.kind in PAYMENTS and t.status == "SUCCESS"]

    @property
    def shipping_left(self) -> Decimal:
        """Shipping that was not refunded yet."""
        return self.shipping - sum((r.shipping for r in self.refunds), Decimal(0))

    def financial_status(self) -> str | None:
        """`OrderDisplayFinancialStatus`, by what came in and went back; `payment` where neither says it."""
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
    left = order.left(t) if t in order.payments() else None
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
        paymentDetails=_details(t),
        createdAt=iso(t.at or order.created),
        processedAt=iso(t.at or order.created),
        test=order.test,
        order=lambda info: info.context.store.order_node(order),
        parentTransaction=transaction_node(order, t.parent) if t.parent else None,
    )


def refund_node(order: Order, refund: Refund) -> dict[str, Any]:
    """A Refund; `totalRefundedSet` is over its transactions."""
    total = sum((t.amount for t in refund.transactions if t.status == "SUCCESS"), Decimal(0))
    return node(
        "Refund",
        id=refund.id,
        legacyResourceId=refund.id.rsplit("/", 1)[1],
        note=refund.note,
        createdAt=iso(refund.created),
        updatedAt=iso(refund.created),
        processedAt=iso(refund.created),
        totalRefundedSet=order.bag(total),
        order=lambda info: info.context.store.order_node(order),
        refundLineItems=lambda _info, **given: connection(
            refund.lines, given, lambda part: _refunded_line_node(order, part)
        ),
        transactions=lambda _info, **given: connection(
            refund.transactions, given, lambda t: transaction_node(order, t)
        ),
    )


def _refunded_line_node(order: Order, part: RefundedLine) -> dict[str, Any]:
    """A RefundLineItem. As recorded, what came back has a subtotal, and what did not come back has none."""
    came_back = part.restock == "RETURN"
    nothing = order.bag(Decimal(0))
    return node(
        "RefundLineItem",
        id=part.id,
        quantity=part.quantity,
        restockType=part.restock,
        restocked=came_back,
        lineItem=line_node(order, part.line),
        priceSet=order.bag(part.line.price),
        subtotalSet=order.bag(part.line.price * part.quantity) if came_back else nothing,
        totalTaxSet=nothing,
    )


def _details(t: Transaction) -> dict[str, Any] | None:
    """The CardPaymentDetails of a card; other ways to pay have none here."""
    if not t.account:
        return None
    return node("CardPaymentDetails", company=t.shown, number=t.account)


def suggested(order: Order, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """A SuggestedRefund: what each payment still holds for what is asked for, and the lines that are left.

    `given`: the arguments of `suggestedRefund`; all of it, shipping and duties, where there are none.
    """
    lines = _suggested_lines(order, given)
    shipping = _suggested_shipping(order, given)
    duties = sum((x.duty for x, quantity in lines if quantity == x.quantity), Decimal(0))
    subtotal = sum((x.price * quantity for x, quantity in lines), Decimal(0))
    wanted = order.net
    if given is not None and not given.get("suggestFullRefund"):
        wanted = min(wanted, subtotal + shipping + (duties if given.get("refundDuties") else 0))
    nothing = order.bag(Decimal(0))
    return node(
        "SuggestedRefund",
        amountSet=order.bag(wanted),
        subtotalSet=order.bag(subtotal),
        discountedSubtotalSet=order.bag(subtotal),
        maximumRefundableSet=order.bag(order.net),
        totalCartDiscountAmountSet=nothing,
        totalDutiesSet=order.bag(duties),
        totalTaxSet=nothing,
        shipping={
            "amountSet": order.bag(shipping),
            "maximumRefundableSet": order.bag(order.shipping_left),
            "taxSet": nothing,
        },
        refundLineItems=[_suggested_line_node(order, x, quantity) for x, quantity in lines],
        suggestedTransactions=_suggested_transactions(order, wanted),
    )


def _suggested_lines(order: Order, given: dict[str, Any] | None) -> list[tuple[Line, int]]:
    left = [(x, x.quantity - x.refunded) for x in order.lines if x.quantity > x.refunded]
    if given is None or given.get("suggestFullRefund"):
        return left
    asked = {item["lineItemId"]: item["quantity"] for item in given.get("refundLineItems") or []}
    return [(x, min(asked[x.id], quantity)) for x, quantity in left if x.id in asked]


def _suggested_shipping(order: Order, given: dict[str, Any] | None) -> Decimal:
    if given is None or given.get("refundShipping"):
        return order.shipping_left
    return min(order.shipping_left, Decimal(given.get("shippingAmount") or 0))


def _suggested_line_node(order: Order, x: Line, quantity: int) -> dict[str, Any]:
    return node(
        "RefundLineItem",
        id=None,
        quantity=quantity,
        restockType="NO_RESTOCK",
        restocked=False,
        lineItem=line_node(order, x),
        priceSet=order.bag(x.price),
        subtotalSet=order.bag(x.price * quantity),
        totalTaxSet=order.bag(Decimal(0)),
    )


def _suggested_transactions(order: Order, wanted: Decimal) -> list[dict[str, Any]]:
    """Each payment that still holds something, filled one after the other."""
    rest, found = wanted, []
    for p in order.payments():
        if (left := order.left(p)) <= 0:
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
            )
        )
    return found


def line_node(order: Order, x: Line) -> dict[str, Any]:
    """A LineItem."""
    whole, unsent = order.bag(x.price * x.quantity), order.bag(x.price * (x.quantity - x.fulfilled))
    return node(
        "LineItem",
        id=x.id,
        name=x.title,
        title=x.title,
        sku=x.sku or None,
        quantity=x.quantity,
        currentQuantity=x.quantity - x.refunded,
        refundableQuantity=x.quantity - x.refunded,
        unfulfilledQuantity=x.quantity - x.fulfilled,
        requiresShipping=x.requires_shipping,
        originalUnitPriceSet=order.bag(x.price),
        discountedUnitPriceSet=order.bag(x.price),
        discountedUnitPriceAfterAllDiscountsSet=order.bag(x.price),
        priceAfterAllDiscountsBeforeTaxesSet=whole,
        originalTotalSet=whole,
        discountedTotalSet=whole,
        totalDiscountSet=order.bag(Decimal(0)),
        unfulfilledOriginalTotalSet=unsent,
        unfulfilledDiscountedTotalSet=unsent,
        product=None,
        image=node("Image", url=lambda _info, **_: x.image) if x.image else None,
        duties=[node("Duty", id=x.duty_id, price=order.bag(x.duty))] if x.duty else [],
    )
