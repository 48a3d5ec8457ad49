"""GET and POST /stores/{store}/actions/refund-order: give back all that is left of an order's money, once."""

from typing import Annotated

from pydantic import Field

from orderdesk import api, config, forms
from orderdesk.actions import REFUND
from orderdesk.replies import Reply

from .action import refund, show

#: The store's parameters that this action reads.
NEEDED = config.of_action(REFUND)


class RefundForm(forms.Submitted):
    """What the form sends back."""

    # It is one of those listed, and a parameter of SSM has 8 kB at most.
    reason: Annotated[str, Field(title="Reason", min_length=1, max_length=8192)]
    notify: forms.Checkbox = Field(False, title="Notify customer")


def form(request: api.Request) -> Reply:
    """The form, with the amount and where it goes."""
    return api.ok(show(api.enter(request, NEEDED)))


def submit(request: api.Request) -> Reply:
    """Refund it."""
    call = api.enter(request, NEEDED, fresh=True)
    values = forms.read(RefundForm, call.values())
    return refund(call, values.reason, notify=values.notify)


endpoint = api.Endpoint("/actions/refund-order", get=form, post=submit)
lambda_handler = api.handler(endpoint)
