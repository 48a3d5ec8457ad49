"""What is still to be sent of an order: its fulfillment orders, who has them, and what holds them.

Shopify makes one for each place that sends a part of the order. A merchant's own place has the request status
UNSUBMITTED; a fulfillment service has the part once the merchant has submitted it (schema:
`FulfillmentOrderRequestStatus`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .shopify.nodes import FulfillmentFacts, FulfillmentPlaces

#: Request statuses under which a fulfillment service has the part, or may still send it.
_WITH_SERVICE = frozenset({"SUBMITTED", "ACCEPTED", "CANCELLATION_REQUESTED", "CANCELLATION_REJECTED"})
#: Statuses of a part that nobody has begun to send. Any other is over, under way, or not known.
_WAITING = frozenset({"OPEN", "SCHEDULED", "ON_HOLD"})
_OVER = frozenset({"CLOSED", "CANCELLED"})


class Hold(NamedTuple):
    """What keeps a part from being sent: Shopify's words for the reason, and the notes. `ours`: this app placed it."""

    id: str
    handle: str
    reason: str
    notes: str
    ours: bool

    def __str__(self) -> str:
        """`held by Orderdesk: Incorrect address (flat number is missing – Ann Lee)`."""
        who = "Orderdesk" if self.ours else "someone else"
        return f"held by {who}: {self.reason}{f' ({self.notes})' if self.notes else ''}"


class Part(NamedTuple):
    """A fulfillment order (gid), its two statuses, and its holds."""

    id: str
    status: str
    request: str
    holds: tuple[Hold, ...] = ()

    @property
    def with_service(self) -> bool:
        """True if a fulfillment service has it, or may still send it."""
        return self.status not in _OVER and self.request in _WITH_SERVICE

    @property
    def waits(self) -> bool:
        """True if nobody has begun to send it, so it can be held."""
        return self.status in _WAITING and not self.with_service

    @property
    def our_holds(self) -> tuple[Hold, ...]:
        """The holds that this app has placed."""
        return tuple(hold for hold in self.holds if hold.ours)


def parts(node: FulfillmentFacts) -> tuple[Part, ...] | None:
    """The order's parts (fragment `FulfillmentFacts`); None if they were not read, or not all of them."""
    page = node.get("fulfillmentOrders")
    if not page or page["pageInfo"]["hasNextPage"]:
        return None
    return tuple(
        Part(
            one["id"],
            one["status"],
            one["requestStatus"],
            tuple(
                Hold(
                    hold["id"],
                    hold["handle"] or "",
                    hold["displayReason"],
                    hold["reasonNotes"] or "",
                    hold["heldByRequestingApp"],
                )
                for hold in one["fulfillmentHolds"]
            ),
        )
        for one in page["nodes"]
    )


def places(node: FulfillmentPlaces) -> dict[str, str]:
    """What each part is called, by its gid: the place that sends it, with a number if that sends several."""
    names: dict[str, str] = {}
    for one in node["fulfillmentOrders"]["nodes"]:
        place = one["assignedLocation"]["name"]
        twin = sum(name == place or name.startswith(f"{place} no. ") for name in names.values())
        names[one["id"]] = f"{place} no. {twin + 1}" if twin else place
    return names


def held(node: FulfillmentFacts) -> list[str]:
    """Who holds the order and why, each in words and once; empty if that was not read."""
    return list(dict.fromkeys(str(hold) for part in parts(node) or () for hold in part.holds))
