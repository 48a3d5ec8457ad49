"""How the outcome of a change of the note is found again: no reference is in a note, so the note itself is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orderdesk import orders
from orderdesk.operations import SUCCEEDED, UNKNOWN, Operation, Outcome
from orderdesk.operations.outcome import CONFIRMED
from orderdesk.shopify import Client, document

from .action import hash_of, note_of

if TYPE_CHECKING:
    from .nodes import ReconcileNoteOrder


def resolve(client: Client, operation: Operation) -> Outcome | None:
    """What became of the change; None while that cannot be known. Raises what `Client.read` raises.

    A note that is neither the old nor the new was changed again since, and hides what was.
    """
    order: ReconcileNoteOrder = orders.again(client, operation.subject.order, document(__file__, "resolve"))
    note = note_of(order)
    name = operation.subject.order_name
    if hash_of(note) == operation.details["note_sha256"]:
        return Outcome(SUCCEEDED, f"The note on order {name} is as requested", CONFIRMED, {})
    if note == operation.shown["note"]:
        return operation.no_trace(f"The note on order {name} wasn't changed")
    over = operation.no_trace(f"Someone else has changed the note on order {name} again")
    hidden = "We can't tell whether this change was made before that. Check the note in Shopify."
    return over and over._replace(state=UNKNOWN, detail=hidden)
