"""Where an order's money goes back to: all that is left, over every tender, in the presentment currency.

Rules from Shopify's schema: `SuggestedRefund`, `RefundInput`, `OrderTransactionInput`. A refund moves money only by
its transactions, one for each parent payment and none above what that payment still holds; `currency` is needed
where shop and presentment currency differ; duties are refunded only where they are named.
"""

from decimal import Decimal
from typing import Any, NamedTuple

from orderdesk.errors import Refused
from orderdesk.money import Money, presentment
from orderdesk.refunds import tender

_LINES_AT_MOST = 250
_PAYMENTS = frozenset({"SALE", "CAPTURE"})
_COUNTED = frozenset({"SUCCESS", "PENDING", "AWAITING_RESPONSE"})


class Tender(NamedTuple):
    """A payment that money goes back to, and how much (presentment currency)."""

    parent: str
    gateway: str
    shown: str
    amount: Money


class Plan(NamedTuple):
    """A whole refund, ready to be sent."""

    order: str
    total: Money
    tenders: tuple[Tender, ...]
    lines: tuple[dict[str, Any], ...]
    duties: tuple[str, ...]
    shipping: bool

    def destinations(self) -> str:
        """`$50.00 to Visa •••• 4242, $30.00 to Gift card`."""
        return ", ".join(f"{t.amount} to {t.shown}" for t in self.tenders)

    def refund_input(self, note: str, notify: bool) -> dict[str, Any]:
        """Shopify's `RefundInput`. The order of its fields is fixed: Shopify compares it under one key."""
        given: dict[str, Any] = {
            "orderId": self.order,
            "note": note,
            "notify": notify,
            "currency": self.total.currency,
            "refundLineItems": list(self.lines),
            "transactions": [
                {
                    "orderId": self.order,
                    "parentId": t.parent,
                    "gateway": t.gateway,
                    "kind": "REFUND",
                    "amount": str(t.amount.amount),
                }
                for t in self.tenders
            ],
        }
        if self.shipping:
            given["shipping"] = {"fullRefund": True}
        if self.duties:
            given["refundDuties"] = [{"dutyId": d, "refundType": "FULL"} for d in self.duties]
        return given


def plan_of(node: dict[str, Any]) -> Plan:
    """The plan for an order of a `RefundFacts` answer. Raises Refused where no payment can take money back."""
    suggested = node.get("suggestedRefund") or {}
    total = presentment(node["netPaymentSet"])
    tenders = _tenders(node, suggested, total)
    if not tenders:
        raise Refused(
            f"Order {node['name']} cannot be refunded: none of its payments can take money back.",
            "Nothing was changed.",
            code="not_available",
        )
    lines = [line for line in suggested.get("refundLineItems") or [] if line["quantity"] > 0]
    return Plan(
        order=node["id"],
        total=Money(sum((t.amount.amount for t in tenders), start=Decimal(0)), total.currency),
        tenders=tuple(tenders),
        lines=tuple(
            {"lineItemId": line["lineItem"]["id"], "quantity": line["quantity"], "restockType": "NO_RESTOCK"}
            for line in lines[:_LINES_AT_MOST]
        ),
        duties=tuple(d["id"] for line in lines for d in line["lineItem"].get("duties") or [])[:_LINES_AT_MOST],
        shipping=bool(presentment((suggested.get("shipping") or {}).get("maximumRefundableSet"))),
    )


def _tenders(node: dict[str, Any], suggested: dict[str, Any], total: Money) -> list[Tender]:
    """Every payment up to what it still holds, together never more than what the order still holds."""
    limits = _held(node)
    for s in suggested.get("suggestedTransactions") or []:
        parent, most = s.get("parentTransaction"), s.get("maximumRefundableSet")
        if parent and most and parent["id"] in limits:
            known = limits[parent["id"]]
            least = min(known.amount.amount, presentment(most).amount)
            limits[parent["id"]] = known._replace(amount=Money(least, total.currency))
    left, tenders = total.amount, []
    for payment in limits.values():
        amount = min(payment.amount.amount, left)
        if amount > 0:
            tenders.append(payment._replace(amount=Money(amount, total.currency)))
            left -= amount
    return tenders


def _held(node: dict[str, Any]) -> dict[str, Tender]:
    """What each payment of the order still holds: what came in by it, less what went back to it or is going."""
    held: dict[str, Tender] = {}
    transactions = node.get("transactions") or []
    for t in transactions:
        if t["kind"] in _PAYMENTS and t["status"] == "SUCCESS":
            held[t["id"]] = Tender(t["id"], t.get("gateway") or "", tender(t), presentment(t["amountSet"]))
    for t in transactions:
        parent = (t.get("parentTransaction") or {}).get("id")
        if t["kind"] == "REFUND" and t["status"] in _COUNTED and parent in held:
            rest = held[parent].amount
            back = presentment(t["amountSet"]).amount
            held[parent] = held[parent]._replace(amount=Money(rest.amount - back, rest.currency))
    return held
