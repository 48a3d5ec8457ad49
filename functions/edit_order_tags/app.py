"""GET and POST /stores/{store}/actions/edit-order-tags: add and change an order's tags, and nobody else's."""

from typing import Annotated

from pydantic import Field

from orderdesk import api, config, forms
from orderdesk.actions import TAGS
from orderdesk.replies import Reply

from .action import edit, show

#: The store's parameters that this action reads.
NEEDED = config.of_action(TAGS)


class TagsForm(forms.Submitted):
    """What the form sends back."""

    tags: Annotated[str, Field(title="Tags", max_length=12_000), forms.MAY_BE_EMPTY]


def form(request: api.Request) -> Reply:
    """The form, with the tags as they are."""
    return api.ok(show(api.enter(request, NEEDED)))


def submit(request: api.Request) -> Reply:
    """Change them."""
    call = api.enter(request, NEEDED, fresh=True)
    values = forms.read(TagsForm, call.values())
    return edit(call, values.tags)


endpoint = api.Endpoint("/actions/edit-order-tags", get=form, post=submit)
lambda_handler = api.handler(endpoint)
