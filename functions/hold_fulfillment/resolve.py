"""How the outcome of a hold is found again: by its handle, which is the operation's reference, on each part."""

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
    """What became of each part; None while that cannot be known. Raises what `Client.read` raises.

    A hold that someone has released since can't be told from one that was never placed: either way, the part is not on
    hold by this request.
    """
    asked: Document[nodes.ReconcileHold] = document(__file__, "resolve")
    order = orders.again(client, operation.subject.order, asked)
    parts = fulfillment.parts(order)
    if parts is None:
        return None
    held = {part.id for part in parts if any(hold.handle == operation.reference for hold in part.our_holds)}
    ended = [Ended(name, part in held) for part, name in operation.details["parts"].items()]
    return in_parts.found(operation, ended, words(operation.subject.order_name))
