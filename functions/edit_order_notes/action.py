"""Edit an order's note: the whole note, unless somebody else has changed it since the form was opened."""

import hashlib
from typing import Any

from orderdesk import forms, orders, submissions
from orderdesk.actions import NOTES
from orderdesk.api import Call
from orderdesk.errors import AnswerLost, BadInput, Changed, Refused
from orderdesk.operations import Operation
from orderdesk.orders import Order
from orderdesk.replies import Reply
from orderdesk.shopify import document

#: Shopify's schema, `Order.note`: "maximum length is 5000 characters".
NOTE_LENGTH = 5000


def show(call: Call) -> dict[str, Any]:
    """The form, with the note on one line."""
    submissions.open_form(call, NOTES)
    order = _read(call, call.order())
    note = order.node["note"] or ""
    lines = f"{forms.LINE_BREAK} is a line break. " if "\n" in note or "\r" in note else ""
    return forms.form(
        f"Edit note of order {order.name}",
        "Save note",
        submissions.action_url(call, NOTES, order, {"note": note}),
        forms.text(
            "note",
            "Note",
            default=forms.one_line(note),
            hint=f"{lines}{NOTE_LENGTH} characters at most",
            optional=True,
        ),
    )


def edit(call: Call, submitted: str) -> Reply:
    """Change the note. Raises Changed, with the note as it is now, where it is not what the form showed."""
    number = call.order()
    note = forms.many_lines(submitted)
    if len(note) > NOTE_LENGTH:
        raise BadInput(
            f"A note has {NOTE_LENGTH} characters at most; this one has {len(note)}.",
            attr="note",
            code="too_long",
        )

    def do(operation: Operation) -> Reply:
        order = _read(call, number)
        now, shown = order.node["note"] or "", operation.facts["note"]
        if now != shown:
            operation.facts = {"note": now}
            raise Changed(
                "The note was changed meanwhile.",
                f"Nothing was overwritten. The note is now: “{forms.one_line(now)}”. Yours is still in the box: "
                "take over what you need and submit again to replace it.",
                attr="note",
                code="note_changed",
            )
        if note == forms.many_lines(forms.as_sent_back(forms.one_line(now))):
            raise BadInput("The note is as it was.", "Nothing was changed.", attr="note", code="unchanged")
        return _change(call, operation, order, _with_breaks_of(now, note))

    return submissions.carry_out(call, NOTES, number, {"note": note}, do)


def _with_breaks_of(now: str, note: str) -> str:
    """The note with the line breaks that the one before had: if all were `\\r\\n`, nobody asked for others."""
    as_before = note.replace("\n", "\r\n")
    all_were = "\r\n" in now and "\n" not in now.replace("\r\n", "")
    return as_before if all_were and len(as_before) <= NOTE_LENGTH else note


def _change(call: Call, operation: Operation, order: Order, note: str) -> Reply:
    operation.send(note_sha256=hashlib.sha256(note.encode()).hexdigest())
    payload = call.shopify.mutate(document(__file__, "note"), input={"id": order.node["id"], "note": note})[
        "orderUpdate"
    ]
    if payload is None:
        raise AnswerLost("Shopify gave no result.")
    if payload["userErrors"]:
        words = submissions.shopify_words(payload["userErrors"])
        raise Refused(
            f"Shopify did not change the note of {order.name}.", f"Nothing was changed. Shopify says: {words}"
        )
    kept = (payload["order"] or {}).get("note") or ""
    return operation.succeed(
        f"Edited note of order {order.name}",
        f"The note is now: “{forms.one_line(kept)}”" if kept else "The note is now empty.",
        shopify={"request_id": call.shopify.request_id},
    )


def _read(call: Call, number: str) -> Order:
    data = call.shopify.read(document(__file__, "note_facts"), id=orders.gid("Order", number))
    return orders.read(data.get("order"), call.customer() if call.query.get("customer") else "")
