"""GET and POST /stores/{store}/actions/edit-order-tags: add and change an order's tags, and nobody else's."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from orderdesk import api, config, forms
from orderdesk.availability import TAGS

from .action import edit, show

app = api.resolver()

#: The store's parameters that this action reads.
NEEDED = config.of_action(TAGS)


class TagsForm(forms.Submitted):
    """What the form sends back."""

    tags: Annotated[str, Field(title="Tags", max_length=12_000), forms.MAY_BE_EMPTY]


@app.get("/stores/<store>/actions/edit-order-tags")
def form(store: str) -> Response[str]:
    """The form, with the tags as they are."""
    return api.ok(show(api.enter(app, store, NEEDED)))


@app.post("/stores/<store>/actions/edit-order-tags")
def submit(store: str) -> Response[str]:
    """Change them."""
    call = api.enter(app, store, NEEDED, fresh=True)
    values = forms.read(TagsForm, call.values())
    return api.reply(edit(call, values.tags))


lambda_handler = api.handler(app)
