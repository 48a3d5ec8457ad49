"""Fulfillment orders: which pieces of an order are sent from where, the request to a service, and holds.

Shopify creates them with the order (published). The statuses, and that held pieces are not fulfillable, were recorded
for a merchant's own location; for a fulfillment service they follow the schema.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from .ids import gid
from .lines import Line
from .locations import Location

AT_MOST = 10
"""Holds that one app may have on a fulfillment order."""

REQUESTED = ("SUBMITTED", "ACCEPTED", "CANCELLATION_REQUESTED", "CANCELLATION_REJECTED")
"""Request statuses under which a fulfillment service has the pieces."""

ACCEPTED = ("ACCEPTED", "CANCELLATION_REQUESTED", "CANCELLATION_REJECTED")
"""Those under which it works on them."""

REQUEST_STATUSES = ("UNSUBMITTED", *REQUESTED, "REJECTED", "CANCELLATION_ACCEPTED", "CLOSED")


@dataclass(frozen=True)
class App:
    """An app that puts pieces on hold."""

    title: str
    number: int

    @property
    def id(self) -> str:
        """The gid."""
        return f"gid://shopify/App/{self.number}"


OURS = App("Orderdesk", 347082227713)
"""The app that asks."""


@dataclass
class Hold:
    """A hold on a fulfillment order. `app`: the app that placed it; None: the merchant, in the Shopify admin."""

    reason: str
    notes: str | None = None
    handle: str | None = None
    app: App | None = OURS
    id: str = field(default_factory=lambda: gid("FulfillmentHold"))


@dataclass
class Pieces:
    """A FulfillmentOrderLineItem: how many pieces of a line belong to it, and how many were sent."""

    line: Line
    total: int
    sent: int = 0
    id: str = field(default_factory=lambda: gid("FulfillmentOrderLineItem"))

    @property
    def remaining(self) -> int:
        """How many pieces are not sent yet."""
        return self.total - self.sent


@dataclass
class FulfillmentOrder:
    """Pieces of an order that are sent from one place. `request`: the request to a fulfillment service."""

    pieces: list[Pieces]
    location: Location
    created: datetime
    holds: list[Hold] = field(default_factory=list)
    request: str = "UNSUBMITTED"
    scheduled: bool = False
    cancelled: bool = False
    updated: datetime | None = None
    id: str = field(default_factory=lambda: gid("FulfillmentOrder"))

    @property
    def remaining(self) -> int:
        """How many pieces are not sent yet."""
        return sum(one.remaining for one in self.pieces)

    @property
    def status(self) -> str:
        """`FulfillmentOrderStatus`."""
        if self.cancelled or not self.remaining:
            return "CLOSED"
        if self.holds:
            return "ON_HOLD"
        if self.request in ACCEPTED:
            return "IN_PROGRESS"
        return "SCHEDULED" if self.scheduled else "OPEN"


def first(lines: list[Line], location: Location, created: datetime, waits_for: str | None) -> FulfillmentOrder:
    """The fulfillment order of a new order. `waits_for`: ON_HOLD (by the merchant) or SCHEDULED, if it waits."""
    holds = [Hold("OTHER", "Held in the Shopify admin", app=None)] if waits_for == "ON_HOLD" else []
    pieces = [Pieces(x, x.quantity) for x in lines]
    return FulfillmentOrder(pieces, location, created, holds, scheduled=waits_for == "SCHEDULED")


def follow(orders: list[FulfillmentOrder], lines: Iterable[Line]) -> None:
    """Bring fulfillment orders up to what was sent of the lines, and taken off them: first where nothing holds them."""
    of_line: dict[int, list[Pieces]] = {}
    for order in sorted(orders, key=lambda one: bool(one.holds)):
        for one in order.pieces:
            of_line.setdefault(id(one.line), []).append(one)
    for line in lines:
        own = of_line.get(id(line), [])
        _send(own, line.fulfilled - sum(one.sent for one in own))
        too_many = sum(one.total for one in own) - (line.quantity - line.removed)
        for one in own:
            taken = max(0, min(too_many, one.remaining))
            one.total, too_many = one.total - taken, too_many - taken


def _send(pieces: list[Pieces], more: int) -> None:
    """Note this many more pieces as sent; fewer if negative."""
    for one in pieces:
        step = min(more, one.remaining) if more > 0 else max(more, -one.sent)
        one.sent, more = one.sent + step, more - step


def fulfillable(orders: list[FulfillmentOrder], line: Line) -> int:
    """How many pieces of a line could be sent now: none that are held, as recorded, or scheduled."""
    at_hand = [order for order in orders if order.status in ("OPEN", "IN_PROGRESS")]
    return sum(one.remaining for order in at_hand for one in order.pieces if one.line is line)


def display_status(orders: list[FulfillmentOrder]) -> str:
    """`OrderDisplayFulfillmentStatus` of an unsent order.

    ON_HOLD was recorded with a single fulfillment order. The others follow the schema's description: the status of all
    open pieces, and REQUEST_DECLINED if it applies to some.
    """
    due = [one for one in orders if one.status != "CLOSED"]
    for status in ("ON_HOLD", "SCHEDULED"):
        if due and all(one.status == status for one in due):
            return status
    if due and all(one.request in REQUESTED for one in due):
        return "IN_PROGRESS"
    return "REQUEST_DECLINED" if any(one.request == "REJECTED" for one in due) else "UNFULFILLED"
