"""What the form offers of an order: its lines and their worth, shipping, places to restock at, store credit."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from orderdesk import movements
from orderdesk.errors import Changed
from orderdesk.ids import number
from orderdesk.money import Money, presentment
from orderdesk.orders import Order

from .choice import ATTR

if TYPE_CHECKING:
    from . import nodes


#: So much of a name is shown and kept: an operation has room for a hundred of them.
_NAME_CHARACTERS = 200


class Line(NamedTuple):
    """A line of which `left` pieces can be refunded, together worth `worth` with taxes (presentment currency), `unsent`
    of them not sent. `duties`: the ids of its duties, which are not part of `worth`. `taxed`: taxes are part of it."""

    number: str
    name: str
    left: int
    worth: Money
    unsent: int
    duties: tuple[str, ...]
    taxed: bool

    def shown(self) -> dict[str, Any]:
        """What the submit compares (JSON)."""
        return {
            "name": self.name, "left": self.left, "worth": str(self.worth.amount), "unsent": self.unsent,
            "duties": self.duties,
        }  # fmt: skip


class Offer(NamedTuple):
    """What can be chosen. `refundable`: the most that can go back; `where`: the payments that can take it. `shipping`:
    what is left of it, without taxes that come on top. `places`: location numbers and names. `credit`: Shopify suggests
    store credit for this order."""

    lines: tuple[Line, ...]
    shipping: Money
    refundable: Money
    where: str
    places: tuple[tuple[str, str], ...]
    credit: bool

    @property
    def restock(self) -> tuple[str, ...]:
        """The ways to restock, as the form's values: `return:123`, and `cancel:123` if a line has unsent pieces."""
        ways = ("return", "cancel") if any(line.unsent for line in self.lines) else ("return",)
        return tuple(f"{way}:{place}" for way in ways for place, _ in self.places)

    def shown(self) -> dict[str, Any]:
        """What the submit compares, without the lines (JSON). `shipping` of an entry is something else."""
        return {
            "shipping_left": str(self.shipping.amount), "currency": self.refundable.currency,
            "refundable": str(self.refundable.amount), "where": self.where, "restock": self.restock,
            "credit": self.credit,
        }  # fmt: skip

    def changed_from(self, shown: Mapping[str, Any], asked: Mapping[str, Any], where: str) -> Changed | None:
        """None if what was chosen is as the form showed it; else what the agent is told. `where`: where the choice goes
        now."""
        there = {line.number: line.shown() for line in self.lines}
        lines = {n: there.get(n, old | {"left": 0}) for n, old in shown["lines"].items()}
        now = {name: value for name, value in self.shown().items() if name not in ("restock", "credit")}
        chosen = [number(line["lineItemId"]) for line in asked["lines"]]
        same_lines = all(_same(lines[n], shown["lines"][n]) for n in chosen)
        ships = asked["allShipping"] or asked["shippingAmount"]
        money = ("currency", "refundable", "where", *(("shipping_left",) if ships else ()))
        if same_lines and all(now[name] == shown[name] for name in money):
            return None
        other = next((n for n in chosen if not _same(lines[n], shown["lines"][n])), None)
        return Changed(
            f"What can be refunded is not what this form showed. It is {self.refundable} in all now.",
            f"Nothing was done: the order has changed. Your choice is now {where}. Submit again to go on with it.",
            attr=f"{ATTR}{other}" if other else None,
            code="amount_changed",
            now=now | {"lines": lines},
        )


def offer_of(order: Order[nodes.RefundItemsFactsOrder]) -> Offer:
    """The offer in an answer that has the suggestion `all`; of the submit, without places."""
    node, everything = order.node, order.node["all"] or {}
    currency = presentment(node["netPaymentSet"]).currency
    tenders = movements.left_by_tender(node)
    return Offer(
        lines=tuple(
            _line(line, taxes_included=node["taxesIncluded"], currency=currency)
            for line in everything["refundLineItems"]
            if line["quantity"] > 0
        ),
        shipping=presentment(everything["shipping"]["maximumRefundableSet"])._replace(currency=currency),
        refundable=movements.left(node),
        where=movements.destinations(tenders) if tenders else "",
        places=tuple(
            (number(place["id"]), place["name"]) for place in (order.more.get("locations") or {}).get("nodes") or ()
        ),
        credit=any(everything["suggestedRefundMethods"]),
    )


def _short(name: str) -> str:
    return name if len(name) <= _NAME_CHARACTERS else f"{name[: _NAME_CHARACTERS - 1]}…"


def _same(now: Mapping[str, Any], shown: Mapping[str, Any]) -> bool:
    return bool(now["left"] == shown["left"] and Decimal(now["worth"]) == Decimal(shown["worth"]))


def _line(line: nodes.RefundItemsFactsRefundLineItem, *, taxes_included: bool, currency: str) -> Line:
    item, tax = line["lineItem"], presentment(line["totalTaxSet"])
    worth = presentment(line["subtotalSet"]).amount + (Decimal(0) if taxes_included else tax.amount)
    return Line(
        number=number(item["id"]),
        name=_short(item["name"]),
        left=line["quantity"],
        worth=Money(worth, currency),
        unsent=min(item["unfulfilledQuantity"], line["quantity"]),
        duties=tuple(duty["id"] for duty in item.get("duties") or ()),
        taxed=bool(tax),
    )
