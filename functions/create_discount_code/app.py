"""GET and POST /stores/{store}/actions/create-discount-code: one code, one use, off line items only."""

from typing import Annotated, Literal

from pydantic import Field

from orderdesk import api, config, forms
from orderdesk.actions import DISCOUNT
from orderdesk.replies import Reply

from .action import create, show

#: The store's parameters that this action reads.
NEEDED = config.of_action(DISCOUNT)


class DiscountForm(forms.Submitted):
    """What the form sends back."""

    code: Annotated[str, Field(title="Discount code", min_length=1, max_length=200)]
    type: Annotated[Literal["fixed", "percentage"], Field(title="Type")]
    value: Annotated[str, Field(title="Value", min_length=1, max_length=20)]
    applies_to: Annotated[str, Field(title="Applies to", min_length=1, max_length=100)]
    expires: Annotated[Literal["1", "3", "6", "9", "never"], Field(title="Expiration")]


def form(request: api.Request) -> Reply:
    """The form, with the store's collections."""
    return api.ok(show(api.enter(request, NEEDED)))


def submit(request: api.Request) -> Reply:
    """Create it."""
    call = api.enter(request, NEEDED, fresh=True)
    values = forms.read(DiscountForm, call.values())
    return create(call, values.model_dump())


endpoint = api.Endpoint("/actions/create-discount-code", get=form, post=submit)
lambda_handler = api.handler(endpoint)
