"""How the outcome of a release is found again: the holds that it named are no longer there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderdesk import fulfillment, in_parts, orders
from orderdesk.in_parts import Ended
from orderdesk.operations import Operation, Outcome
from orderdesk.shopify import Client, Document, document

from .action import words

if TYPE_CHECKING:
    from . import nodes


def resolve(client: Client, operation: Operation) -> Outcome | None:
    """What became of each part; None while that cannot be known. Raises what `Client.read` raises."""
    asked: Document[nodes.ReconcileRelease] = document(__file__, "resolve")
    order = orders.again(client, operation.subject.order, asked)
    parts = fulfillment.parts(order)
    if parts is None:
        return None
    there = {hold.id for part in parts for hold in part.holds}
    ended = [
        Ended(name, there.isdisjoint(operation.details["holds"][part]))
        for part, name in operation.details["parts"].items()
    ]
    return in_parts.found(operation, ended, words(operation.subject.order_name))
