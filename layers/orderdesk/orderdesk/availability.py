"""When an action is offered on an order, by the rule in its row.

The same rule decides at lookup, at the form and again at submit. Shopify's own refusal has the last word.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import NamedTuple

from .actions import ACTIONS, Action, Need
from .fulfillment import Part
from .money import Money
from .scopes import lacking

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
    """How an order stands: what the rules ask, whether money is `left` that can be refunded, and how much may be
    `on_its_way` back already (presentment currency).

    What only some rules need is None if it was not read: what is `due` from the customer (presentment currency),
    whether the order `has_email`, `has_address` (of its shipping) and `has_items` (a line or shipping to refund), its
    `parts`, and which scopes are `granted`.
    """

    payment: str | None
    fulfilment: str | None
    cancelled: bool
    refundable: bool
    left: Money
    on_its_way: Money = Money(Decimal(0), "USD")
    due: Money | None = None
    has_email: bool | None = None
    has_address: bool | None = None
    has_items: bool | None = None
    parts: tuple[Part, ...] | None = None
    granted: frozenset[str] | None = None

    @property
    def row(self) -> str | None:
        """The row of the rules; None for a status that nobody knows."""
        return FULFILMENT.get(self.fulfilment)

    @property
    def column(self) -> str | None:
        """The column of the rules; None for a status that nobody knows."""
        return PAYMENT.get(self.payment)

    def words(self) -> tuple[str, str]:
        """Payment and fulfilment as Shopify calls them: `partially paid`, `in progress`."""
        payment = _SHOWN.get(self.payment) or str(self.payment).replace("_", " ").lower()
        return payment, str(self.fulfilment or "").replace("_", " ").lower()


def offered(standing: Standing) -> tuple[Action, ...]:
    """The actions that the order's standing allows, switches apart, in the order in which they are shown."""
    return tuple(a for a in ACTIONS if a.about == "order" and why_not(a, standing) is None)


def why_not(action: Action, standing: Standing) -> str | None:
    """Why the action cannot be done now, as the end of a sentence for the agent; None if it can.

    A status that Shopify may add one day moves no money until the rules know it. An order is not cancelled while a
    part of its money is on its way back and the rest is not: Shopify would be asked to refund "all" at the same time.
    """
    rule, left, on_its_way = action.offered, standing.left, standing.on_its_way
    if rule is None:
        return "Orderdesk has no rule that allows it"
    if without := lacking(action, standing.granted):
        return without
    if standing.cancelled and not rule.cancelled:
        return "it's already cancelled"
    if rule.needs_money and not left:
        there = f" ({on_its_way} is already on its way back)" if on_its_way else ""
        return f"nothing is left to refund{there}"
    if rule.needs_money and not standing.refundable:
        return "Shopify says none of its payments can be refunded"
    if rule.cells is not None and (standing.row, standing.column) not in rule.cells:
        payment, fulfilment = standing.words()
        return f"it's {payment} and {fulfilment}"
    if left and on_its_way and not rule.beside_refunds:
        there = f"{on_its_way} is already on its way back, but {left} isn't"
        return f"{there}. Refund the {left} first, or wait until the {on_its_way} has arrived"
    return next(filter(None, (_LACKS[need](standing) for need in rule.needs)), None)


#: The variable by which a profile reads the fulfillment orders.
READS_PARTS = "fulfillment"


def reads(actions: Iterable[Action]) -> dict[str, bool]:
    """The variables of the fragment `OrderCard`: which parts of an order the rules of these actions need."""
    needs = {need for action in actions if action.offered for need in action.offered.needs}
    return {part: not needs.isdisjoint(by) for part, by in _PARTS.items()}


#: What a profile reads only if an action that is switched on needs it: a variable, and the needs.
_PARTS: dict[str, frozenset[Need]] = {
    "invoices": frozenset({"balance", "email"}),
    "items": frozenset({"items"}),
    READS_PARTS: frozenset({"no service", "something to hold", "our hold"}),
}


def _in_parts(standing: Standing, reason: str, *, lacks: Callable[[tuple[Part, ...]], bool]) -> str | None:
    if standing.parts is None:
        return "Shopify doesn't show how it's being fulfilled"
    return reason if lacks(standing.parts) else None


def _no_service(standing: Standing) -> str | None:
    reason = "a fulfillment service already has it"
    return _in_parts(standing, reason, lacks=lambda parts: any(part.with_service for part in parts))


def _something_to_hold(standing: Standing) -> str | None:
    held = any(part.our_holds for part in standing.parts or ())
    reason = "Orderdesk already holds what is left to send" if held else "nothing is left to hold"
    return _in_parts(standing, reason, lacks=lambda parts: not any(part.waits and not part.our_holds for part in parts))


def _our_hold(standing: Standing) -> str | None:
    reason = "Orderdesk doesn't hold any of it"
    return _in_parts(standing, reason, lacks=lambda parts: not any(part.our_holds for part in parts))


def _address(standing: Standing) -> str | None:
    return None if standing.has_address else "it has no shipping address"


def _balance(standing: Standing) -> str | None:
    if standing.due is None:
        return "Shopify doesn't show what is left to pay"
    return None if standing.due else "nothing is left to pay"


def _email(standing: Standing) -> str | None:
    return None if standing.has_email else "it has no email address"


def _items(standing: Standing) -> str | None:
    # An action that refunds them reads them itself.
    return f"all of them are refunded. {standing.left} is left" if standing.has_items is False else None


#: Why an order lacks what a rule needs, as the end of a sentence; None if it has it.
_LACKS: dict[Need, Callable[[Standing], str | None]] = {
    "balance": _balance,
    "email": _email,
    "items": _items,
    "address": _address,
    "no service": _no_service,
    "something to hold": _something_to_hold,
    "our hold": _our_hold,
}
