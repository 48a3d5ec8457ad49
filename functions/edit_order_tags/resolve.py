"""How the outcome of a change of tags is found again: no reference is on them, so the tags themselves are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderdesk import letters, orders
from orderdesk.operations import SUCCEEDED, Operation, Outcome
from orderdesk.operations.outcome import CONFIRMED
from orderdesk.shopify import Client, document

if TYPE_CHECKING:
    from .nodes import ReconcileTagsOrder


def resolve(client: Client, operation: Operation) -> Outcome | None:
    """What became of the change; None while that cannot be known. Raises what `Client.read` raises.

    If only a part is as asked, other people have changed the tags since.
    """
    order: ReconcileTagsOrder = orders.again(client, operation.subject.order, document(__file__, "resolve"))
    tags = order.get("tags") or []
    add, remove = operation.details["add"], operation.details["remove"]
    # A tag whose capitals were changed was there before, as the one to remove.
    others = {letters.small(t) for t in tags} - {letters.small(t) for t in remove}
    done = [t in tags or letters.small(t) in others for t in add]
    done += [t not in tags for t in remove]
    name, now = operation.subject.order_name, f"The tags are now: {', '.join(tags) or 'none'}."
    if all(done):
        return Outcome(SUCCEEDED, f"The tags on order {name} are as requested", f"{now} {CONFIRMED}", {})
    if any(done):
        over = operation.no_trace(f"Not all of the tags on order {name} are as requested", now)
        return over and over._replace(entry={"in_part": True})
    return operation.no_trace(f"The tags on order {name} weren't changed")
