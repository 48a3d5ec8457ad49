"""Where an order's money goes back to: all that is left, over every tender, in the presentment currency.

Rules from Shopify's schema: `SuggestedRefund`, `RefundInput`, `OrderTransactionInput`. A refund moves money only by
its transactions, one for each parent payment and none above what that payment still has; `currency` is needed
if shop and presentment currency differ; duties are refunded only if they are named; a list of an input has 250
entries at most.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from orderdesk import movements, refund_requests
from orderdesk.actions import REFUND
from orderdesk.errors import Refused
from orderdesk.money import Money, presentment
from orderdesk.movements import Tender
from orderdesk.refund_requests import LISTED_AT_MOST

if TYPE_CHECKING:
    from .nodes import RefundFactsOrder, RefundFactsSuggestedRefund


class Plan(NamedTuple):
    """A whole refund, ready to be sent."""

    order: str
    total: Money
    tenders: tuple[Tender, ...]
    lines: tuple[dict[str, Any], ...]
    duties: tuple[str, ...]
    shipping: bool

    def destinations(self) -> str:
        """`$50.00 to Visa •••• 4242, $30.00 to Gift card`, and what a person must pay back."""
        return movements.destinations(self.tenders)

    @property
    def by_hand(self) -> bool:
        """True if Shopify moves none of the money, and only records it."""
        return all(t.by_hand for t in self.tenders)

    @property
    def recorded(self) -> Money:
        """What of it Shopify only writes down."""
        return self.total._replace(amount=movements.recorded(self.tenders))

    @property
    def moved(self) -> Money:
        """What of it Shopify moves."""
        return self.total._replace(amount=self.total.amount - self.recorded.amount)

    def refund_input(self, note: str, notify: bool) -> dict[str, Any]:
        """Shopify's `RefundInput`. The order of its fields is fixed: Shopify compares it under one key."""
        given: dict[str, Any] = {
            "orderId": self.order,
            "note": note,
            "notify": notify,
            "currency": self.total.currency,
            "refundLineItems": list(self.lines),
            "transactions": refund_requests.transactions(self.order, self.tenders),
        }
        if self.shipping:
            given["shipping"] = {"fullRefund": True}
        if self.duties:
            given["refundDuties"] = [{"dutyId": d, "refundType": "FULL"} for d in self.duties]
        return given


def plan_of(node: RefundFactsOrder) -> Plan:
    """The plan for an order of a `RefundFacts` answer; where money can go back, it has a `suggestedRefund`.

    Raises Refused if no payment can take money back, or if the refund is too large for one request of Shopify's.
    """
    suggested = node.get("suggestedRefund") or {}
    tenders = _tenders(node, suggested)
    if not tenders:
        raise _not_here(node["name"], "none of its payments can take a refund", "Nothing was changed.")
    lines = [line for line in suggested["refundLineItems"] if line["quantity"] > 0]
    duties = tuple(d["id"] for line in lines for d in line["lineItem"].get("duties") or [])
    if max(len(tenders), len(lines), len(duties)) > LISTED_AT_MOST:
        raise _not_here(
            node["name"],
            f"it has more payments, lines or duties than Shopify takes at once ({LISTED_AT_MOST})",
            "Nothing was changed. Please refund it in Shopify.",
        )
    currency = presentment(node["netPaymentSet"]).currency
    return Plan(
        order=node["id"],
        total=Money(sum((t.amount.amount for t in tenders), start=Decimal(0)), currency),
        tenders=tuple(tenders),
        lines=tuple(
            {"lineItemId": line["lineItem"]["id"], "quantity": line["quantity"], "restockType": "NO_RESTOCK"}
            for line in lines
        ),
        duties=duties,
        shipping=bool(presentment((suggested.get("shipping") or {}).get("maximumRefundableSet"))),
    )


def _not_here(name: str, reason: str, detail: str) -> Refused:
    return Refused(f"Order {name} {REFUND.refusal}: {reason}.", detail, code="not_available")


def _tenders(node: RefundFactsOrder, suggested: RefundFactsSuggestedRefund) -> list[Tender]:
    """What each payment still has, and none above what Shopify says that it can take back."""
    most = {
        parent["id"]: presentment(s["maximumRefundableSet"]).amount
        for s in suggested.get("suggestedTransactions") or []
        if (parent := s.get("parentTransaction")) and s.get("maximumRefundableSet")
    }
    return movements.left_by_tender(node, most)
