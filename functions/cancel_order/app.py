"""GET and POST /stores/{store}/actions/cancel-order: cancel an order and give back all of its money, once."""

from typing import Annotated

from pydantic import Field

from orderdesk import api, config, forms
from orderdesk.actions import CANCEL
from orderdesk.replies import Reply

from .action import cancel, show

#: The store's parameters that this action reads.
NEEDED = config.of_action(CANCEL)


class CancelForm(forms.Submitted):
    """What the form sends back."""

    reason: Annotated[str, Field(title="Reason", min_length=1, max_length=20)]
    notify: forms.Checkbox = Field(False, title="Notify customer")


def form(request: api.Request) -> Reply:
    """The form, with what will be refunded."""
    return api.ok(show(api.enter(request, NEEDED)))


def submit(request: api.Request) -> Reply:
    """Cancel it."""
    call = api.enter(request, NEEDED, fresh=True)
    values = forms.read(CancelForm, call.values())
    return cancel(call, values.reason, notify=values.notify)


endpoint = api.Endpoint("/actions/cancel-order", get=form, post=submit)
lambda_handler = api.handler(endpoint)
