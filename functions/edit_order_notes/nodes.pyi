# Made by `python -m local.nodes` from the GraphQL documents: do not edit.
from collections.abc import Sequence
from typing import TypedDict

from typing_extensions import ReadOnly

class NoteFacts(TypedDict, total=False):
    """The answer to `facts.graphql`."""

    order: ReadOnly[NoteFactsOrder | None]

class NoteFactsOrder(TypedDict, total=False):
    id: ReadOnly[str]
    name: ReadOnly[str]
    note: ReadOnly[str | None]
    customer: ReadOnly[NoteFactsCustomer | None]

class NoteFactsCustomer(TypedDict, total=False):
    id: ReadOnly[str]

class EditOrderNote(TypedDict, total=False):
    """The answer to `note.graphql`."""

    orderUpdate: ReadOnly[EditOrderNoteOrderUpdatePayload | None]

class EditOrderNoteOrderUpdatePayload(TypedDict, total=False):
    order: ReadOnly[EditOrderNoteOrder | None]
    userErrors: ReadOnly[Sequence[EditOrderNoteUserError]]

class EditOrderNoteOrder(TypedDict, total=False):
    note: ReadOnly[str | None]

class EditOrderNoteUserError(TypedDict, total=False):
    field: ReadOnly[Sequence[str] | None]
    message: ReadOnly[str]

class ReconcileNote(TypedDict, total=False):
    """The answer to `resolve.graphql`."""

    order: ReadOnly[ReconcileNoteOrder | None]

class ReconcileNoteOrder(TypedDict, total=False):
    note: ReadOnly[str | None]
