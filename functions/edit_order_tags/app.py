"""GET and POST /stores/{store}/actions/edit-order-tags: add and change an order's tags, and nobody else's."""

from typing import Annotated

from pydantic import Field

from orderdesk import api, steps
from orderdesk.actions import TAGS
from orderdesk.operations.submitted import MAY_BE_EMPTY, Submitted

from . import action


class TagsForm(Submitted):
    """What the form sends back."""

    tags: Annotated[str, Field(title="Tags", max_length=12_000), MAY_BE_EMPTY]


endpoint = steps.of_order(TAGS, TagsForm, action)
lambda_handler = api.handler(endpoint)
