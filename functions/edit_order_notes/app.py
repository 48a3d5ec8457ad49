"""GET and POST /stores/{store}/actions/edit-order-notes: change an order's note, and never over somebody's else."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from pydantic import ConfigDict, Field

from orderdesk import api, config, forms
from orderdesk.availability import NOTES

from .action import NOTE_LENGTH, edit, show

app = api.resolver()

#: The store's parameters that this action reads.
NEEDED = config.of_action(NOTES)


class NotesForm(forms.Submitted):
    """What the form sends back; a note's own spaces are left alone."""

    model_config = ConfigDict(str_strip_whitespace=False)

    # A sign that stands for itself is written with a backslash, so the text may be longer than the note.
    note: Annotated[str, Field(title="Note", max_length=2 * NOTE_LENGTH), forms.MAY_BE_EMPTY]


@app.get("/stores/<store>/actions/edit-order-notes")
def form(store: str) -> Response[str]:
    """The form, with the note as it is."""
    return api.ok(show(api.enter(app, store, NEEDED)))


@app.post("/stores/<store>/actions/edit-order-notes")
def submit(store: str) -> Response[str]:
    """Change it."""
    call = api.enter(app, store, NEEDED, fresh=True)
    values = forms.read(NotesForm, call.values())
    return api.reply(edit(call, values.note))


lambda_handler = api.handler(app)
