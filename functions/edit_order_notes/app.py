"""GET and POST /stores/{store}/actions/edit-order-notes: change an order's note, and never over somebody's else."""

from typing import Annotated

from pydantic import ConfigDict, Field

from orderdesk import api, config, forms
from orderdesk.actions import NOTES
from orderdesk.replies import Reply

from .action import NOTE_LENGTH, edit, show

#: The store's parameters that this action reads.
NEEDED = config.of_action(NOTES)


class NotesForm(forms.Submitted):
    """What the form sends back; a note's own spaces are left alone."""

    model_config = ConfigDict(str_strip_whitespace=False)

    # A sign that stands for itself is written with a backslash, so the text may be longer than the note.
    note: Annotated[str, Field(title="Note", max_length=2 * NOTE_LENGTH), forms.MAY_BE_EMPTY]


def form(request: api.Request) -> Reply:
    """The form, with the note as it is."""
    return api.ok(show(api.enter(request, NEEDED)))


def submit(request: api.Request) -> Reply:
    """Change it."""
    call = api.enter(request, NEEDED, fresh=True)
    values = forms.read(NotesForm, call.values())
    return edit(call, values.note)


endpoint = api.Endpoint("/actions/edit-order-notes", get=form, post=submit)
lambda_handler = api.handler(endpoint)
