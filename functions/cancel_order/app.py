"""GET and POST /stores/{store}/actions/cancel-order: cancel an order and give back all of its money, once."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from orderdesk import api, config, forms
from orderdesk.availability import CANCEL

from .action import cancel, show

app = api.resolver()

#: The store's parameters that this action reads.
NEEDED = config.of_action(CANCEL)


class CancelForm(forms.Submitted):
    """What the form sends back."""

    reason: Annotated[str, Field(title="Reason", min_length=1, max_length=20)]
    notify: forms.Checkbox = Field(False, title="Notify customer")


@app.get("/stores/<store>/actions/cancel-order")
def form(store: str) -> Response[str]:
    """The form, with what will be refunded."""
    return api.ok(show(api.enter(app, store, NEEDED)))


@app.post("/stores/<store>/actions/cancel-order")
def submit(store: str) -> Response[str]:
    """Cancel it."""
    call = api.enter(app, store, NEEDED, fresh=True)
    values = forms.read(CancelForm, call.values())
    return api.reply(cancel(call, values.reason, notify=values.notify))


lambda_handler = api.handler(app)
