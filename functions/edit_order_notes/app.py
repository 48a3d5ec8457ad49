"""GET and POST /stores/{store}/actions/edit-order-notes: change an order's note, and never over another person's."""

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from orderdesk import api, forms, steps
from orderdesk.actions import NOTES
from orderdesk.operations.submitted import MAY_BE_EMPTY, Submitted, require_at_most

from . import action
from .action import NOTE_LENGTH


class NotesForm(Submitted):
    """What the form sends back; a note's own spaces are left alone."""

    model_config = ConfigDict(str_strip_whitespace=False)

    # A sign that stands for itself is written with a backslash, so the text may be longer than the note.
    note: Annotated[
        str, Field(title="Note", max_length=2 * NOTE_LENGTH), MAY_BE_EMPTY, AfterValidator(forms.many_lines)
    ]

    def require_usable(self) -> None:
        """Raise BadInput if the note is longer than Shopify's."""
        require_at_most(NOTE_LENGTH, attr="note", title="note", text=self.note)


endpoint = steps.of_order(NOTES, NotesForm, action)
lambda_handler = api.handler(endpoint)
