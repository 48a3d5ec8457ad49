"""The form of a refund of items: one select for each line, with what it is worth."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from orderdesk import forms
from orderdesk.actions import ITEMS
from orderdesk.money import Money, decimals

from .choice import ATTR, NO_RESTOCK
from .offer import Line, Offer

#: A select lists so many quantities one by one; of more pieces, all of them in addition.
_QUANTITIES = 100


class Lines(NamedTuple):
    """The lines of one form: the first is the `first`-th of `of` that can be refunded."""

    listed: Sequence[Line]
    first: int
    of: int

    def __iter__(self) -> Iterator[Line]:  # type: ignore[override]
        return iter(self.listed)

    @property
    def words(self) -> str:
        """`lines 1–20 of 24`; "" if these are all."""
        if len(self.listed) == self.of:
            return ""
        return f"lines {self.first}–{self.first + len(self.listed) - 1} of {self.of}"


def form(order_name: str, offer: Offer, lines: Lines, reasons: Sequence[str], submit_to: str) -> dict[str, Any]:
    """The form. Its submit goes to `submit_to`."""
    which = f", {lines.words}" if lines.words else ""
    drawn = forms.form(
        f"Refund items of order {order_name}{which}",
        "Refund items",
        submit_to,
        *(_items(lines) if lines.listed else ()),
        *(_quantity(line) for line in lines),
        *(_shipping(offer.shipping) if offer.shipping else ()),
        *(_restock(offer) if offer.places and offer.lines else ()),
        *(_destination(offer) if offer.credit else ()),
        forms.select("reason", "Reason", [forms.Option(r, r) for r in reasons], placeholder="Select a reason"),
        forms.checkbox("notify", "Notify customer", "Send the customer Shopify's refund email", default=True),
    )
    return forms.also(drawn, _most(offer, lines))


def _most(offer: Offer, lines: Lines) -> str:
    """What can be refunded at most and to which payments, and where the order's other lines are."""
    most = f"Up to {offer.refundable}: {offer.where}." if offer.where else f"Up to {offer.refundable}."
    last = lines.first + len(lines.listed) - 1
    if lines.first == 1 and last < lines.of:
        return f"{most} These are {lines.words}: the others are in “{ITEMS.more}”."
    if last < lines.of:
        return f"{most} These are {lines.words}: refund those after them in Shopify."
    return most


def _items(lines: Lines) -> Iterator[dict[str, Any]]:
    every = f"All of {lines.words}" if lines.words else "All of them"
    options = [forms.Option("The quantities below", "chosen"), forms.Option(every, "all")]
    yield forms.select("items", "Items", options, default="chosen")


def _quantity(line: Line) -> dict[str, Any]:
    listed = [*range(min(line.left, _QUANTITIES) + 1)]
    listed += [line.left] if line.left > _QUANTITIES else []
    options = [forms.Option(f"{n} (all)" if n == line.left > 1 else str(n), str(n)) for n in listed]
    return forms.select(f"{ATTR}{line.number}", line.name, options, default="0", hint=_worth(line))


def _worth(line: Line) -> str:
    """`$15.00 each with tax, plus duties`; `$10.00 for all 3` if it cannot be divided."""
    if not line.worth:
        return "Free"
    each = line.worth.amount / line.left
    even = each == each.quantize(Decimal(1).scaleb(-decimals(line.worth.currency)))
    if line.left == 1:
        worth = str(line.worth)
    elif even:
        worth = f"{Money(each, line.worth.currency)} each"
    else:
        worth = f"{line.worth} for all {line.left}"
    return f"{worth}{' with tax' if line.taxed else ''}{', plus its duties' if line.duties else ''}"


def _shipping(left: Money) -> Iterator[dict[str, Any]]:
    options = [
        forms.Option("Nothing", "none"),
        forms.Option(f"All of it ({left})", "all"),
        forms.Option("An amount", "amount"),
    ]
    yield forms.select("shipping", "Shipping", options, default="none")
    yield forms.text(
        "shipping_amount", "Shipping amount", optional=True, placeholder="5",
        hint=f"Only for “An amount”: up to {left}, without taxes that come on top",
    )  # fmt: skip


def _restock(offer: Offer) -> Iterator[dict[str, Any]]:
    places = dict(offer.places)
    words = {"return": "Return to stock at", "cancel": "Cancel what is not sent, back to stock at"}
    options = [forms.Option("Don't restock", NO_RESTOCK)]
    for value in offer.restock:
        way, _, place = value.partition(":")
        options.append(forms.Option(f"{words[way]} {places[place]}", value))
    yield forms.select("restock", "Restock", options, default=NO_RESTOCK)


def _destination(offer: Offer) -> Iterator[dict[str, Any]]:
    options = [forms.Option("Original payments", "original"), forms.Option("Store credit", "credit")]
    yield forms.select("to", "Refund to", options, default="original", hint=offer.where)
