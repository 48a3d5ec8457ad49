"""When an action is offered on an order: one table of payment status × fulfilment status, as data.

The same table decides at lookup and again at submit. Shopify's own refusal has the last word.
"""

from decimal import Decimal
from typing import NamedTuple

from .money import Money

CANCEL = "cancel_order"
REFUND = "refund_order"
DISCOUNT = "create_discount_code"
TAGS = "edit_order_tags"
NOTES = "edit_order_notes"
ORDER_ACTIONS = (CANCEL, REFUND, TAGS, NOTES)
CUSTOMER_ACTIONS = (DISCOUNT,)
ACTIONS = ORDER_ACTIONS + CUSTOMER_ACTIONS
MONEY_ACTIONS = (CANCEL, REFUND)

TITLES = {
    CANCEL: "Cancel Order",
    REFUND: "Refund Order",
    DISCOUNT: "Create Discount Code",
    TAGS: "Edit Order Tags",
    NOTES: "Edit Order Notes",
}

_BOTH = frozenset({CANCEL, REFUND})
_ONLY_CANCEL = frozenset({CANCEL})
_ONLY_REFUND = frozenset({REFUND})
_NEITHER: frozenset[str] = frozenset()

#: (fulfilment row, payment column) → the actions that move money there.
TABLE: dict[tuple[str, str], frozenset[str]] = {
    ("unfulfilled", "unpaid"): _ONLY_CANCEL,
    ("unfulfilled", "partially paid"): _BOTH,
    ("unfulfilled", "paid"): _BOTH,
    ("unfulfilled", "partially refunded"): _BOTH,
    ("unfulfilled", "refunded"): _ONLY_CANCEL,
    ("partially fulfilled", "unpaid"): _NEITHER,
    ("partially fulfilled", "partially paid"): _ONLY_REFUND,
    ("partially fulfilled", "paid"): _ONLY_REFUND,
    ("partially fulfilled", "partially refunded"): _ONLY_REFUND,
    ("partially fulfilled", "refunded"): _NEITHER,
    ("fulfilled", "unpaid"): _NEITHER,
    ("fulfilled", "partially paid"): _ONLY_REFUND,
    ("fulfilled", "paid"): _ONLY_REFUND,
    ("fulfilled", "partially refunded"): _ONLY_REFUND,
    ("fulfilled", "refunded"): _NEITHER,
}

#: Shopify's `OrderDisplayFinancialStatus` → column. None: an order without transactions.
PAYMENT: dict[str | None, str] = {
    None: "unpaid",
    "PENDING": "unpaid",
    "AUTHORIZED": "unpaid",
    "EXPIRED": "unpaid",
    "VOIDED": "unpaid",
    "PARTIALLY_PAID": "partially paid",
    "PAID": "paid",
    "PARTIALLY_REFUNDED": "partially refunded",
    "REFUNDED": "refunded",
}

#: Shopify's `OrderDisplayFulfillmentStatus` → row.
FULFILMENT: dict[str | None, str] = {
    "UNFULFILLED": "unfulfilled",
    "OPEN": "unfulfilled",
    "SCHEDULED": "unfulfilled",
    "ON_HOLD": "unfulfilled",
    "RESTOCKED": "unfulfilled",
    "REQUEST_DECLINED": "unfulfilled",
    "FULFILLMENT_NOT_REQUIRED": "unfulfilled",
    "IN_PROGRESS": "partially fulfilled",
    "PENDING_FULFILLMENT": "partially fulfilled",
    "PARTIALLY_FULFILLED": "partially fulfilled",
    "FULFILLED": "fulfilled",
}


#: What Shopify's admin calls a payment status, if that is not the status in lower case.
_SHOWN = {None: "unpaid", "PENDING": "payment pending"}


class Standing(NamedTuple):
    """How an order stands: what the table asks, whether money is `left` that can be refunded, and how much may be
    `on_its_way` back already (presentment currency)."""

    payment: str | None
    fulfilment: str | None
    cancelled: bool
    refundable: bool
    left: Money
    on_its_way: Money = Money(Decimal(0), "USD")

    def words(self) -> tuple[str, str]:
        """Payment and fulfilment as Shopify calls them: `partially paid`, `in progress`."""
        payment = _SHOWN.get(self.payment) or str(self.payment).replace("_", " ").lower()
        return payment, str(self.fulfilment or "").replace("_", " ").lower()


def actions(standing: Standing) -> tuple[str, ...]:
    """The actions that the order's standing allows, switches apart, in the order in which they are shown.

    A status that Shopify may add one day moves no money until the table knows it. An order is not cancelled while a
    part of its money is on its way back and the rest is not: Shopify would be asked to refund "all" beside that.
    """
    allowed = set(_of_table(standing))
    if standing.cancelled or (standing.left and standing.on_its_way):
        allowed.discard(CANCEL)
    if not standing.left or not standing.refundable:
        allowed.discard(REFUND)
    return tuple(a for a in ORDER_ACTIONS if a in allowed or a not in MONEY_ACTIONS)


def why_not(action: str, standing: Standing) -> str | None:
    """Why the action cannot be done now, as the end of a sentence for the agent; None where it can."""
    if action in actions(standing):
        return None
    if action == CANCEL and standing.cancelled:
        return "it is already cancelled"
    if action == CANCEL and standing.left and standing.on_its_way and CANCEL in _of_table(standing):
        there = f"{standing.on_its_way} of its money is on its way back, and {standing.left} is not"
        return f"{there}. Refund that first, or wait until the other has arrived"
    if action == REFUND and not standing.left:
        there = f" ({standing.on_its_way} is on its way back already)" if standing.on_its_way else ""
        return f"nothing is left to refund{there}"
    if action == REFUND and not standing.refundable:
        return "Shopify says that none of its payments can be refunded"
    payment, fulfilment = standing.words()
    return f"it is {payment} and {fulfilment}"


def _of_table(standing: Standing) -> frozenset[str]:
    row, column = FULFILMENT.get(standing.fulfilment), PAYMENT.get(standing.payment)
    return TABLE[row, column] if row and column else _NEITHER
