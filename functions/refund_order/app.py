"""GET and POST /stores/{store}/actions/refund-order: give back all that is left of an order's money, once."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from orderdesk import api, config, forms
from orderdesk.availability import REFUND

from .action import refund, show

app = api.resolver()

#: The store's parameters that this action reads.
NEEDED = config.of_action(REFUND)


class RefundForm(forms.Submitted):
    """What the form sends back."""

    reason: Annotated[str, Field(title="Reason", min_length=1, max_length=200)]
    notify: forms.Checkbox = Field(False, title="Notify customer")


@app.get("/stores/<store>/actions/refund-order")
def form(store: str) -> Response[str]:
    """The form, with the amount and where it goes."""
    return api.ok(show(api.enter(app, store, NEEDED)))


@app.post("/stores/<store>/actions/refund-order")
def submit(store: str) -> Response[str]:
    """Refund it."""
    call = api.enter(app, store, NEEDED, fresh=True)
    values = forms.read(RefundForm, call.values())
    return api.reply(refund(call, values.reason, notify=values.notify))


lambda_handler = api.handler(app)
