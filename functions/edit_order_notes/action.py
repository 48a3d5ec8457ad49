"""Edit an order's note: the whole note, unless another person has changed it since the form was opened."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from orderdesk import forms
from orderdesk.context import Context
from orderdesk.errors import BadInput, Changed, Refused
from orderdesk.operations import Operation
from orderdesk.orders import Order
from orderdesk.shopify import Document, document, result, said
from orderdesk.worth import NOTHING

if TYPE_CHECKING:
    from . import nodes

FACTS: Document[nodes.NoteFacts] = document(__file__, "facts")

#: Shopify's schema, `Order.note`: "maximum length is 5000 characters".
NOTE_LENGTH = 5000


def look(ctx: Context, order: Order[nodes.NoteFactsOrder]) -> Order[nodes.NoteFactsOrder]:
    """The order with its note."""
    return order


def shown(ctx: Context, seen: Order[nodes.NoteFactsOrder]) -> dict[str, Any]:
    """The note."""
    return {"note": note_of(seen.node)}


def changed(shown: Mapping[str, Any], seen: Order[nodes.NoteFactsOrder]) -> Changed | None:
    """The note is no longer what the form showed: the news is in the message, what was typed stays in the box."""
    now = note_of(seen.node)
    if now == shown["note"]:
        return None
    return Changed(
        "The note has changed since you opened this form.",
        f"Nothing was overwritten. The note is now: “{forms.one_line(now)}”. Your text is still in the box. "
        "Add what you want to keep of the note, and submit again to replace it.",
        attr="note",
        code="note_changed",
        now={"note": now},
    )


def form(ctx: Context, seen: Order[nodes.NoteFactsOrder], submit_to: str) -> dict[str, Any]:
    """The form, with the note on one line."""
    note = note_of(seen.node)
    lines = f"{forms.LINE_BREAK} is a line break. " if "\n" in note or "\r" in note else ""
    return forms.form(
        f"Edit note on order {seen.name}",
        "Save note",
        submit_to,
        forms.text(
            "note",
            "Note",
            default=forms.one_line(note),
            hint=f"{lines}Up to {NOTE_LENGTH} characters",
            optional=True,
        ),
    )


def submit(ctx: Context, operation: Operation, seen: Order[nodes.NoteFactsOrder], *, note: str) -> None:
    """Change the note. Raises BadInput if it is what it was."""
    now = note_of(seen.node)
    if note == forms.many_lines(forms.as_sent_back(forms.one_line(now))):
        raise BadInput("You didn't change the note.", attr="note", code="unchanged")
    note = _with_breaks_of(now, note)
    sent = operation.send(NOTHING, note_sha256=hash_of(note))
    changes = {"id": seen.node["id"], "note": note}
    answer: nodes.EditOrderNote = ctx.shopify.mutate(document(__file__, "note"), sent, input=changes)
    payload = result(answer["orderUpdate"])
    if payload["userErrors"]:
        raise Refused(
            f"Shopify didn't change the note on order {seen.name}.",
            f"Nothing was changed. Shopify says: {said(payload['userErrors'])}",
        )
    kept = note_of(payload["order"] or {})
    operation.succeed(
        f"Edited the note on order {seen.name}",
        f"The note is now: “{forms.one_line(kept)}”" if kept else "The note is now empty.",
        shopify={"request_id": ctx.shopify.request_id},
    )


def note_of(order: nodes.ReconcileNoteOrder) -> str:
    """An order's note as Shopify gives it; "" if it has none."""
    return order.get("note") or ""


def hash_of(note: str) -> str:
    """By which a note is known again without keeping what it says."""
    return hashlib.sha256(note.encode()).hexdigest()


def _with_breaks_of(now: str, note: str) -> str:
    """The note with the line breaks that the one before had: if all were `\\r\\n`, nobody asked for others."""
    as_before = note.replace("\n", "\r\n")
    all_were = "\r\n" in now and "\n" not in now.replace("\r\n", "")
    return as_before if all_were and len(as_before) <= NOTE_LENGTH else note
